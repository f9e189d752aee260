"""What is measured: translations, class by class, in batches.

They come from a translator, every source into every class, from a generator
that needs no source, or from a folder (`images.image_folder`). They are
rounded to 8 bits before anything reads them, as a saved PNG would be, so a
score does not depend on whether images went through files.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.evaluation.images.labelled_images import RealImages
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.image_geometry import to_signed, to_uint8

# (images float32 (batch, R, R, 3) in [-1, 1], z float32 (batch, dim_z), labels
# int32 (batch,)) -> images float32 like the first.
Translate = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
# (z, labels) -> images, all like those of `Translate`.
Sample = Callable[[np.ndarray, np.ndarray], np.ndarray]
# (images, z, first class, second class, amount) -> images: as `Translate`,
# at (1 - amount) of the first class' embedding and amount of the second's.
ClassInterpolation = Callable[
    [np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray
]
# (first z, second z, amount) -> z, float32, (dim_z,).
LatentInterpolation = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


class Batch(NamedTuple):
    """Some translations into one class.

    Attributes:
        images: uint8, (batch, R, R, 3).
        rows: int, (batch,): the source of each, or its number in a folder.
        draw: which z of their source, from 0.
    """

    images: np.ndarray
    rows: np.ndarray
    draw: int


class Translations(Protocol):
    """Translations into every class, in the same order every time.

    Attributes:
        sources: the images that were translated, or None where unknown.
        num_z: z of each row that count.
        how_to_add: what a user does to have more of them.
        protocol: what the protocol says of them.
    """

    sources: RealImages | None
    num_z: int
    how_to_add: str
    protocol: Mapping[str, Any]

    def count(self, target: int) -> int:
        """How many rows there are of a target class, each with its first z."""

    def batches(self, target: int) -> Iterator[Batch]:
        """Translations into one class; of a row, draw 0 comes first."""


class TranslatedSources:
    """Every source translated into every class, its own among them.

    Sources whose class is none of the translator's have the label -1.
    """

    how_to_add = "Add test images, or raise --num_images or --num_z"

    def __init__(
        self,
        translate: Translate,
        dim_z: int,
        sources: RealImages,
        config: EvaluationConfig,
    ) -> None:
        self._translate, self._dim_z = translate, dim_z
        self.sources, self._config = sources, config
        self.num_z = config.num_z
        self.protocol = {
            "targets": "every class for every source, its own included",
            "z": f"{config.num_z} per source and class, standard normal"
            if dim_z
            else "none",
        }

    def check(self) -> None:
        """Translates one source, so that broken weights are known at once.

        Raises:
            UserError: the translation holds NaN or infinity.
        """
        source = to_signed(self.sources.images[np.arange(1)])
        z = draw_z(1, self._dim_z, self._config.seed, target=0)
        _finite(self._translate(source, z, np.zeros(1, np.int32)), target=0)

    def count(self, target: int) -> int:
        """Number of sources; see `Translations`."""
        del target  # Every source goes into every class.
        return len(self.sources)

    def batches(self, target: int) -> Iterator[Batch]:
        """Translations into one class, uint8.

        Beyond the z that count, a few sources get more, for diversity.

        Yields:
            All sources with their first z, then all with their second, ...

        Raises:
            UserError: a translation holds NaN or infinity.
        """
        config = self._config
        for draw in range(config.all_z):
            count = len(self.sources)
            if draw >= config.num_z:
                count = min(count, config.diversity_sources)
            z = draw_z(count, self._dim_z, config.seed, target, draw)
            for start in range(0, count, config.batch_size):
                rows = np.arange(start, min(start + config.batch_size, count))
                labels = np.full(len(rows), target, np.int32)
                sources = to_signed(self.sources.images[rows])
                images = self._translate(sources, z[rows], labels)
                yield Batch(to_uint8(_finite(images, target)), rows, draw)


class ClassSamples:
    """Samples of every class, made from z alone: as many as sources."""

    sources = None
    how_to_add = "Raise num_images"

    def __init__(
        self, sample: Sample, dim_z: int, config: EvaluationConfig
    ) -> None:
        self._sample, self._dim_z, self._config = sample, dim_z, config
        self.num_z = config.num_z
        self.protocol: Mapping[str, str] = {
            "targets": "every class, without sources",
            "z": f"{config.num_z} per row, standard normal",
        }

    def count(self, target: int) -> int:
        """As many rows as images would be translated; see `Translations`."""
        del target  # Every class has as many.
        return self._config.num_images

    def batches(self, target: int) -> Iterator[Batch]:
        """Samples of one class, uint8.

        Yields:
            All rows with their first z, then all with their second, ...

        Raises:
            UserError: a sample holds NaN or infinity.
        """
        config, count = self._config, self.count(target)
        for draw in range(config.num_z):
            z = draw_z(count, self._dim_z, config.seed, target, draw)
            for start in range(0, count, config.batch_size):
                rows = np.arange(start, min(start + config.batch_size, count))
                labels = np.full(len(rows), target, np.int32)
                images = self._sample(z[rows], labels)
                yield Batch(to_uint8(_finite(images, target)), rows, draw)


def draw_z(
    count: int, dim_z: int, seed: int, target: int, draw: int = 0
) -> np.ndarray:
    """Standard normal z of every source for one target class.

    Args:
        count: number of sources.
        dim_z: length of z.
        seed: seed of the evaluation.
        target: the class.
        draw: which z of each source, from 0.

    Returns:
        float32, (count, dim_z); row i does not depend on `count`.
    """
    key = (seed, target, draw) if draw else (seed, target)
    generator = np.random.default_rng(key)
    return generator.standard_normal((count, dim_z), dtype=np.float32)


def _finite(images: np.ndarray, target: int) -> np.ndarray:
    if not np.isfinite(images).all():
        raise UserError(
            "Expected translations that are numbers. Received: NaN or "
            f"infinity in translations into class {target}. The weights are "
            "broken: choose an earlier --step."
        )
    return images
