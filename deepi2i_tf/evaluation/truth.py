"""Translations beside the known right answer; see `metrics.truth`.

Every source (pair p, class a) in a class other than its own is compared with
the test image (p, b), and so are, for the same p and b, the source itself and
a test image of b of another pair, drawn by the seed. Sources whose answer is
not in the test split are left out.
"""

import dataclasses
import os
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from deepi2i_tf.data import NO_PAIR
from deepi2i_tf.evaluation.cache.row_file import RowFile
from deepi2i_tf.evaluation.feature_extractor import FeatureExtractor
from deepi2i_tf.evaluation.images.labelled_images import (
    TEST,
    LabelledImages,
    RealImages,
)
from deepi2i_tf.evaluation.translations import Batch
from deepi2i_tf.losses.reconstruction import ssim_distance
from deepi2i_tf.metrics import names
from deepi2i_tf.metrics.truth import euclidean_distance, pixel_distance
from deepi2i_tf.utils.image_geometry import to_signed

# Rows and columns of a class' sums.
DISTANCES = (names.PIXELS, names.SSIM, names.FEATURES)
TRANSLATION, OTHER, SOURCE = range(3)
# What a class leaves behind.
SUMS, COUNT = "truth_sums", "truth_count"
IMAGES_FILE = "truth.uint8"
FEATURES_FILE = "truth.features"
SOURCE_FEATURES_FILE = "truth-sources.features"
# Apart from the draws of z, which have two or three words.
_DRAW = (0, 0, 0)


@dataclasses.dataclass(frozen=True)
class Answers:
    """The right answers to one class, and real images to compare them with.

    Args:
        truths: int, (sources,): row of each source's answer; -1 without.
        others: int, (sources,): row of another image of the class.
    """

    truths: np.ndarray
    others: np.ndarray


class KnownAnswers:
    """The test images of a set with pairs, by pair and class.

    Args:
        data: the set.
        sources: what is translated, of the same set.
        folder: where pixels and features lie while they are needed.
        seed: draws the other images of a class.

    Raises:
        UserError: images cannot be read.
    """

    def __init__(
        self, data: LabelledImages, sources: RealImages, folder: str, seed: int
    ) -> None:
        self.sources, self._folder, self._seed = sources, folder, seed
        side = data.resolution
        self._images = RowFile(
            os.path.join(folder, IMAGES_FILE), (side, side, 3), np.uint8
        )
        self._images.truncate(0)
        # By class: row by pair.
        self._rows: list[dict[int, int]] = [{} for _ in data.class_names]
        for row, (label, pair, image) in enumerate(_paired(data)):
            self._images.append(image[None])
            self._rows[label].setdefault(pair, row)

    def read(self, extractor: FeatureExtractor, batch_size: int) -> None:
        """Computes the features of all answers and all sources."""
        self._features = self._features_of(
            self._images, FEATURES_FILE, extractor, batch_size
        )
        self._source_features = self._features_of(
            self.sources.images, SOURCE_FEATURES_FILE, extractor, batch_size
        )

    def _features_of(
        self,
        images: np.ndarray | RowFile,
        name: str,
        extractor: FeatureExtractor,
        batch_size: int,
    ) -> RowFile:
        path = os.path.join(self._folder, name)
        features = RowFile(path, (extractor.dimensions,), np.float32)
        features.truncate(0)
        for start in range(0, len(images), batch_size):
            some = images[start : start + batch_size]
            features.append(extractor.features(some))
        return features

    @property
    def num_pairs(self) -> int:
        """Pairs among the sources."""
        return len(set(self.sources.pairs.tolist()) - {NO_PAIR})

    def answers(self, target: int) -> Answers:
        """The answers of all sources to a class."""
        row_of = self._rows[target]
        pairs = np.array(list(row_of), np.int64)
        rows = np.array(list(row_of.values()), np.int64)
        place = {pair: index for index, pair in enumerate(row_of)}
        known = self.sources.labels != target
        own = np.array(
            [place.get(int(pair), -1) for pair in self.sources.pairs], np.int64
        )
        own[~known] = -1
        if len(pairs) < 2:
            nothing = np.full(len(own), -1)
            return Answers(nothing, nothing)
        generator = np.random.default_rng((self._seed, target, *_DRAW))
        drawn = generator.integers(len(pairs) - 1, size=len(own))
        drawn += drawn >= np.maximum(own, 0)
        truths = np.where(own >= 0, rows[own], -1)
        return Answers(truths, rows[drawn])

    def pictures(
        self, sources: RealImages, targets: Sequence[int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """What some sources should look like in some classes.

        Returns:
            uint8, (targets, sources, R, R, 3), and bool, (targets, sources):
            whether it is known; black where it is not.
        """
        rows = np.array(
            [
                [
                    self._rows[target].get(int(pair), -1)
                    for pair in sources.pairs
                ]
                for target in targets
            ]
        )
        known = rows >= 0
        images = np.zeros((*rows.shape, *self._images.shape[1:]), np.uint8)
        images[known] = self._images[rows[known]]
        return images, known

    def compare(
        self, answers: Answers, batch: Batch, features: np.ndarray
    ) -> "Sums":
        """Distances of a batch of translations from their answers.

        Args:
            answers: to the class of the batch.
            batch: translations, of any z.
            features: float32, (batch, dimensions), of the translations.
        """
        known = answers.truths[batch.rows] >= 0
        sources = batch.rows[known]
        truths = answers.truths[sources]
        if not len(truths):
            return Sums()
        images, wanted = self._images[truths], self._features[truths]
        compared = {TRANSLATION: (batch.images[known], features[known])}
        if batch.draw == 0:
            others = answers.others[sources]
            compared[OTHER] = self._images[others], self._features[others]
            compared[SOURCE] = (
                self.sources.images[sources],
                self._source_features[sources],
            )
        sums = Sums()
        for side, (pixels, values) in compared.items():
            sums.distances[:, side] = (
                pixel_distance(pixels, images).sum(),
                _ssim(to_signed(pixels), to_signed(images)).numpy().sum(),
                euclidean_distance(values, wanted).sum(),
            )
        sums.count = len(truths) if batch.draw == 0 else 0
        return sums


@dataclasses.dataclass
class Sums:
    """Sums of distances from the truth.

    Args:
        distances: float64, (3, 3): by `DISTANCES`, and whose.
        count: sources that were compared.
    """

    distances: np.ndarray = dataclasses.field(
        default_factory=lambda: np.zeros((3, 3))
    )
    count: int = 0

    def add(self, other: "Sums") -> None:
        """Adds other sums."""
        self.distances = self.distances + other.distances
        self.count += other.count

    def arrays(self, num_z: int) -> dict[str, np.ndarray | int]:
        """What a class leaves behind; nothing where nothing was compared.

        Args:
            num_z: translations that were compared of each source.
        """
        if not self.count:
            return {}
        distances = self.distances.copy()
        distances[:, TRANSLATION] /= num_z
        return {SUMS: distances, COUNT: self.count}


def _paired(data: LabelledImages) -> Iterator[tuple[int, int, np.ndarray]]:
    """Label, pair and image of the test images that belong to a pair."""
    for example in data.read(TEST):
        if example["pair"] != NO_PAIR:
            yield int(example["label"]), int(example["pair"]), example["image"]


@tf.function(
    input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32)] * 2
)
def _ssim(images: tf.Tensor, truths: tf.Tensor) -> tf.Tensor:
    """1 - SSIM of each image; float64, (batch,)."""
    return tf.cast(ssim_distance(images, truths), tf.float64)
