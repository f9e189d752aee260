"""Labelled images in two splits, wherever they lie."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deepi2i_tf.data import (
    DATA_ERRORS,
    PreparedData,
    describe_data_error,
    read_split,
)

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
        read: split -> {"image": uint8 (R, R, 3), "label": int, and "pose":
            float32 (5,) where there is one}, always in the same order.
    """

    path: str
    resolution: int
    class_names: tuple[str, ...]
    identity: bytes
    has_pose: bool
    sizes: Mapping[str, int]
    read: Callable[[str], Examples]

    @property
    def num_classes(self) -> int:
        """Number of classes; labels are 0 to this minus 1."""
        return len(self.class_names)

    def first_of_each_class(self, split: str, per_class: float) -> Examples:
        """Examples in stored order, without those of classes that are full.

        Args:
            split: `"train"` or `"test"`.
            per_class: examples of each class at most; may be infinite.

        Yields:
            Examples as `read` does; ends as soon as every class is full.
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
    """A prepared data set as an `LabelledImages`.

    Args:
        prepared: the data set. Reading it raises a `UserError` where a shard is
            damaged.
    """

    def read(split: str) -> Examples:
        try:
            yield from read_split(prepared, split).as_numpy_iterator()
        except DATA_ERRORS as error:
            raise describe_data_error(error, prepared) from error

    return LabelledImages(
        path=prepared.path,
        resolution=prepared.resolution,
        class_names=prepared.class_names,
        identity=prepared.identity(),
        has_pose="pose" in prepared.features,
        sizes=prepared.num_examples,
        read=read,
    )
