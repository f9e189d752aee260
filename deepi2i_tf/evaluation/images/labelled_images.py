"""Labelled images in two splits, wherever they lie.

`RealImages` are some of them, equally many of each class, in memory or in a
file.
"""

import dataclasses
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
)
from typing import Any

import numpy as np

from deepi2i_tf.data import (
    DATA_ERRORS,
    PreparedData,
    describe_data_error,
    read_split,
)
from deepi2i_tf.evaluation.cache.row_file import RowFile, RowView
from deepi2i_tf.evaluation.images.shrink import shrink
from deepi2i_tf.utils.errors import UserError

TRAIN = "train"
TEST = "test"
Examples = Iterator[dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class LabelledImages:
    """Real images that are measured with and against.

    Args:
        path: where they lie, for the protocol.
        resolution: side of the images, in pixels.
        class_names: names of the classes, by label.
        identity: differs between any two sets.
        has_pose: whether every example has a pose.
        sizes: images of each split.
        read: split -> {"image": uint8 (R, R, 3), "label": int, and where
            there is one "pose": float32 (5,) and "pair": int}, always in the
            same order.
        read_labels: split -> the labels alone, in any order.
        has_pair: whether every example has a pair, `NO_PAIR` or another.
    """

    path: str
    resolution: int
    class_names: tuple[str, ...]
    identity: bytes
    has_pose: bool
    sizes: Mapping[str, int]
    read: Callable[[str], Examples]
    read_labels: Callable[[str], Iterable[int]]
    has_pair: bool = False

    @property
    def num_classes(self) -> int:
        """Number of classes; labels are 0 to this minus 1."""
        return len(self.class_names)

    def count(self, split: str) -> list[int]:
        """Images of each class in a split."""
        labels = np.fromiter(self.read_labels(split), np.int64)
        return np.bincount(labels, minlength=self.num_classes).tolist()

    def first_of_each_class(self, split: str, per_class: float) -> Examples:
        """Examples in stored order, without those of classes that are full.

        It ends as soon as every class is; `per_class` may be infinite.
        """
        counts = [0] * self.num_classes
        for example in self.read(split):
            label = int(example["label"])
            if counts[label] < per_class:
                counts[label] += 1
                yield example
                if min(counts) >= per_class:
                    break


def prepared_set(prepared: PreparedData) -> LabelledImages:
    """A prepared data set; reading a damaged shard raises `UserError`."""

    def read(split: str, features: Collection[str] = ()) -> Examples:
        examples = read_split(prepared, split, features=features)
        try:
            yield from examples.as_numpy_iterator()
        except DATA_ERRORS as error:
            raise describe_data_error(error, prepared) from error

    def read_labels(split: str) -> Iterator[int]:
        return (int(each["label"]) for each in read(split, ("label",)))

    return LabelledImages(
        path=prepared.path,
        resolution=prepared.resolution,
        class_names=prepared.class_names,
        identity=prepared.identity(),
        has_pose="pose" in prepared.features,
        sizes=prepared.num_examples,
        read=read,
        read_labels=read_labels,
        has_pair="pair" in prepared.features,
    )


@dataclasses.dataclass(frozen=True)
class RealImages:
    """Real images.

    Args:
        images: uint8, (n, side, side, 3); an array, or rows of a file, which
            are indexed alike.
        labels: int32, (n,).
        poses: float32, (n, 5) in the order of `metrics.pose`, or None where
            the set stores none.
        pairs: int64, (n,), or None where the set stores none.
    """

    images: np.ndarray | RowView
    labels: np.ndarray
    poses: np.ndarray | None = None
    pairs: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, chosen: np.ndarray) -> "RealImages":
        """The chosen ones, in that order, in memory; int indices, (m,)."""
        poses, pairs = (
            None if each is None else each[chosen]
            for each in (self.poses, self.pairs)
        )
        images, labels = self.images[chosen], self.labels[chosen]
        return RealImages(images, labels, poses, pairs)


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
    facts = [row[3] for row in rows]
    poses = np.array([f["pose"] for f in facts]) if data.has_pose else None
    pairs = np.array([f["pair"] for f in facts]) if data.has_pair else None
    labels = np.array([row[1] for row in rows], np.int32)
    return RealImages(images.in_order(order), labels, poses, pairs)


def _read_into(
    images: "_Store", examples: Examples, num_classes: int
) -> list[tuple[int, int, int, dict[str, Any]]]:
    """Stores images; gives (number in its class, label, row, rest) of each."""
    counts = [0] * num_classes
    rows = []
    for example in examples:
        label = int(example["label"])
        images.add(example.pop("image"))
        rows.append((counts[label], label, len(rows), example))
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
