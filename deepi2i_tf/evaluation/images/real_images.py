"""Real images of a set, equally many of each class, in memory or in a file."""

import dataclasses

import numpy as np

from deepi2i_tf.evaluation.cache.row_file import RowFile, RowView
from deepi2i_tf.evaluation.images.labelled_images import (
    Examples,
    LabelledImages,
)
from deepi2i_tf.evaluation.reference.images import shrink
from deepi2i_tf.utils.errors import UserError


@dataclasses.dataclass(frozen=True)
class RealImages:
    """Real images.

    Args:
        images: uint8, (n, side, side, 3); an array, or rows of a file, which
            are indexed alike.
        labels: int32, (n,).
        poses: float32, (n, 5) in the order of `metrics.pose`, or None where
            the set stores none.
    """

    images: np.ndarray | RowView
    labels: np.ndarray
    poses: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, chosen: np.ndarray) -> "RealImages":
        """The chosen ones, in that order, in memory; int indices, (m,)."""
        poses = None if self.poses is None else self.poses[chosen]
        return RealImages(self.images[chosen], self.labels[chosen], poses)


def read_real_images(
    data: LabelledImages,
    split: str,
    num_images: float,
    side: int,
    file: str = "",
) -> RealImages:
    """Reads the first images of every class, equally many where it can be.

    One of each class comes first, then a second of each, and so on; within
    a class in stored order, which TFDS shuffled by hash: no seed is needed.

    Args:
        data: the images.
        split: `"train"` or `"test"`.
        num_images: images wanted, or infinity; there may be fewer.
        side: images are averaged down to this side.
        file: where images are kept, anew; empty keeps them in memory.

    Raises:
        UserError: a shard is damaged, or the split holds no image.
    """
    # A fraction takes one image more, infinity all of them.
    per_class = num_images / data.num_classes
    examples = data.first_of_each_class(split, per_class)
    images = _Store(file, side)
    rows = _read_into(images, examples, data.num_classes)
    if not rows:
        raise UserError(
            f"Expected images in split {split} of {data.path}. Received: "
            "none. Prepare the data set again."
        )
    rows.sort(key=lambda row: row[:2])
    rows = rows[: min(len(rows), num_images)]
    order = np.array([row[2] for row in rows])
    poses = np.array([row[3] for row in rows]) if data.has_pose else None
    labels = np.array([row[1] for row in rows], np.int32)
    return RealImages(images.in_order(order), labels, poses)


def _read_into(
    images: "_Store", examples: Examples, num_classes: int
) -> list[tuple[int, int, int, np.ndarray | None]]:
    """Stores images; gives (place in its class, label, row, pose) of each."""
    counts = [0] * num_classes
    rows = []
    for example in examples:
        label = int(example["label"])
        images.add(example["image"])
        rows.append((counts[label], label, len(rows), example.get("pose")))
        counts[label] += 1
    return rows


class _Store:
    """Images one after the other, in a file or, without a name, in memory."""

    def __init__(self, file: str, side: int) -> None:
        self._file, self._side = None, side
        self._images: list[np.ndarray] = []
        if file:
            self._file = RowFile(file, (side, side, 3), np.uint8)
            self._file.truncate(0)

    def add(self, image: np.ndarray) -> None:
        images = shrink(image[None], self._side)
        if self._file is None:
            self._images.append(images)
        else:
            self._file.append(images)

    def in_order(self, order: np.ndarray) -> np.ndarray | RowView:
        if self._file is None:
            return np.concatenate(self._images)[order]
        return RowView(self._file, order)
