"""What is measured: translations, class by class, in batches.

They come from a translator, every source into every class, from a generator
that needs no source, or from a folder (`folder_sides`). They are rounded to 8
bits before anything looks at them, as a saved PNG would be, so a score does
not depend on whether images went through files.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.evaluation.images.real_images import RealImages
from deepi2i_tf.evaluation.reference.images import to_floats
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.image_geometry import to_uint8

# (images float32 (batch, R, R, 3) in [-1, 1], z float32 (batch, dim_z), labels
# int32 (batch,)) -> images float32 like the first.
Translate = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
# (z, labels) -> images, all like those of `Translate`.
Sample = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Batch(NamedTuple):
    """Some translations into one class.

    Attributes:
        images: uint8, (batch, R, R, 3).
        rows: int, (batch,): the source of each, or its place in a folder.
        place: which z of their source, from 0.
    """

    images: np.ndarray
    rows: np.ndarray
    place: int


class Translations(Protocol):
    """Translations into every class, in the same order every time.

    Attributes:
        sources: the images that were translated, or None where unknown.
        message: what the protocol says of them.
    """

    sources: RealImages | None
    message: Mapping[str, Any]

    def count(self, target: int) -> int:
        """How many rows there are of a target class, each with its first z."""

    def batches(self, target: int) -> Iterator[Batch]:
        """Translations into one class; of a row, place 0 comes first."""


class TranslatedSources:
    """Every source translated into every class, its own among them.

    Args:
        translate: the translator; see `Translate`.
        dim_z: length of z.
        sources: the images to translate; where their class is none of the
            translator's, their label is -1.
        options: numbers of z, seed and batch size.

    Attributes:
        sources: the images to translate.
        message: what the protocol says of z.
    """

    def __init__(
        self,
        translate: Translate,
        dim_z: int,
        sources: RealImages,
        options: EvaluationConfig,
    ) -> None:
        self._translate, self._dim_z = translate, dim_z
        self.sources, self._options = sources, options
        self.message = {
            "targets": "every class for every source, its own included",
            "z": f"{options.num_z} per source and class, standard normal",
        }

    def count(self, target: int) -> int:
        """Number of sources; see `Translations`.

        Args:
            target: the class.
        """
        del target  # Every source goes into every class.
        return len(self.sources)

    def batches(self, target: int) -> Iterator[Batch]:
        """Translations into one class, uint8.

        Beyond the z that count, a few sources get more, for diversity.

        Args:
            target: the class.

        Yields:
            All sources with their first z, then all with their second, ...

        Raises:
            UserError: a translation holds NaN or infinity.
        """
        options = self._options
        for place in range(options.all_z):
            count = len(self.sources)
            if place >= options.num_z:
                count = min(count, options.diversity_sources)
            z = draw_z(count, self._dim_z, options.seed, target, place)
            for start in range(0, count, options.batch_size):
                rows = np.arange(start, min(start + options.batch_size, count))
                labels = np.full(len(rows), target, np.int32)
                sources = to_floats(self.sources.images[rows])
                images = self._translate(sources, z[rows], labels)
                yield Batch(to_uint8(_finite(images, target)), rows, place)


class ClassSamples:
    """Samples of every class, made from z alone.

    Args:
        sample: the generator; see `Sample`.
        dim_z: length of z.
        options: number of samples and of their z, seed and batch size.

    Attributes:
        sources: None.
        message: what the protocol says of z.
    """

    sources = None

    def __init__(
        self, sample: Sample, dim_z: int, options: EvaluationConfig
    ) -> None:
        self._sample, self._dim_z, self._options = sample, dim_z, options
        self.message: Mapping[str, str] = {
            "targets": "every class, without sources",
            "z": f"{options.num_z} per row, standard normal",
        }

    def count(self, target: int) -> int:
        """As many rows as images would be translated; see `Translations`.

        Args:
            target: the class.
        """
        del target  # Every class has as many.
        return self._options.num_images

    def batches(self, target: int) -> Iterator[Batch]:
        """Samples of one class, uint8.

        Args:
            target: the class.

        Yields:
            All rows with their first z, then all with their second, ...

        Raises:
            UserError: a sample holds NaN or infinity.
        """
        options, count = self._options, self.count(target)
        for place in range(options.num_z):
            z = draw_z(count, self._dim_z, options.seed, target, place)
            for start in range(0, count, options.batch_size):
                rows = np.arange(start, min(start + options.batch_size, count))
                labels = np.full(len(rows), target, np.int32)
                images = self._sample(z[rows], labels)
                yield Batch(to_uint8(_finite(images, target)), rows, place)


def draw_z(
    count: int, dim_z: int, seed: int, target: int, place: int = 0
) -> np.ndarray:
    """Standard normal z of every source for one target class.

    Args:
        count: number of sources.
        dim_z: length of z.
        seed: seed of the evaluation.
        target: the class.
        place: which z of each source, from 0.

    Returns:
        float32, (count, dim_z); row i does not depend on `count`.
    """
    key = (seed, target, place) if place else (seed, target)
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
