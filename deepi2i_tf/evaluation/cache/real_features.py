"""Features of the real images that translations are compared with.

All real images are read once, in stored order; their features lie in a file,
and memory holds those of one class at a time. Reading that was interrupted
goes on behind the last whole batch.
"""

import itertools
import math
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from deepi2i_tf.evaluation.cache.row_file import RowFile
from deepi2i_tf.evaluation.feature_extractor import FeatureExtractor
from deepi2i_tf.evaluation.images.labelled_images import LabelledImages
from deepi2i_tf.utils.progress import progress_bar

FEATURES_FILE = "reals.features"
LABELS_FILE = "reals.labels"


class RealFeatures:
    """Features of real images, class by class.

    Args:
        data: the real images.
        split: `"train"` or `"test"`.
        per_class: images of each class at most; 0 takes all.
        folder: where the files are, or will be.
        dimensions: length of a feature.
    """

    def __init__(
        self,
        data: LabelledImages,
        split: str,
        per_class: int,
        folder: str,
        dimensions: int,
    ) -> None:
        self._data, self._split, self._per_class = data, split, per_class
        self._features = RowFile(
            os.path.join(folder, FEATURES_FILE), (dimensions,), np.float32
        )
        self._labels = RowFile(os.path.join(folder, LABELS_FILE), (), np.int32)
        self._of_class: list[np.ndarray] = []

    def read(self, extractor: FeatureExtractor, batch_size: int) -> None:
        """Computes features of all images, or of those that are left.

        Raises:
            UserError: images cannot be read.
        """
        # Whole batches stay, so that the others are cut as they would be.
        done = min(len(self._features), len(self._labels))
        done -= done % batch_size
        self._features.truncate(done)
        self._labels.truncate(done)
        examples = itertools.islice(self._examples(), done, None)
        with progress_bar("real images", self._num_images(), done) as bar:
            while batch := list(itertools.islice(examples, batch_size)):
                images = np.stack([example["image"] for example in batch])
                self._features.append(extractor.features(images))
                labels = [example["label"] for example in batch]
                self._labels.append(np.array(labels, np.int32))
                bar.update(len(batch))
        labels = self._labels[:]
        self._of_class = [
            np.flatnonzero(labels == label)
            for label in range(self._data.num_classes)
        ]

    @property
    def counts(self) -> list[int]:
        """Images of each class."""
        return [len(rows) for rows in self._of_class]

    def rows_of(self, label: int) -> np.ndarray:
        """Which rows belong to a class; int, (n,), for `images`."""
        return self._of_class[label]

    def of_class(self, label: int) -> np.ndarray:
        """Features of one class, float32, (n, dimensions)."""
        return self._features[self._of_class[label]]

    def images(self, rows: np.ndarray) -> np.ndarray:
        """The images behind some rows, read from the data set again.

        Returns:
            uint8, (n, R, R, 3), in the order of the rows.
        """
        wanted = set(rows.tolist())
        found = {}
        for row, example in enumerate(self._examples()):
            if row in wanted:
                found[row] = example["image"]
                if len(found) == len(wanted):
                    break
        return np.stack([found[row] for row in rows.tolist()])

    def _examples(self) -> Iterator[dict[str, Any]]:
        most = self._per_class or math.inf
        return self._data.first_of_each_class(self._split, most)

    def _num_images(self) -> int:
        size = self._data.sizes[self._split]
        if not self._per_class:
            return size
        return min(size, self._per_class * self._data.num_classes)
