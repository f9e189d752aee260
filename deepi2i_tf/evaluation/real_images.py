"""Real images of a prepared data set, in memory, equally many of each class."""

import dataclasses

import numpy as np

from deepi2i_tf.data import (
    DATA_ERRORS,
    PreparedData,
    describe_data_error,
    read_split,
)
from deepi2i_tf.errors import Refusal
from deepi2i_tf.evaluation.judge_images import shrink


@dataclasses.dataclass(frozen=True)
class RealImages:
    """Real images in memory.

    Args:
        images: uint8, (n, side, side, 3).
        labels: int32, (n,).
        poses: float32, (n, 5) in the order of `metrics.pose`, or None where
            the data set stores none.
    """

    images: np.ndarray
    labels: np.ndarray
    poses: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, chosen: np.ndarray) -> "RealImages":
        """The chosen ones, in that order; int indices, (m,)."""
        poses = None if self.poses is None else self.poses[chosen]
        return RealImages(self.images[chosen], self.labels[chosen], poses)


def read_real_images(
    prepared: PreparedData, split: str, num_images: int, side: int
) -> RealImages:
    """Reads the first images of every class, equally many where it can be.

    The order is one of each class, then a second of each class, and so on;
    within a class it is the stored order, which TFDS shuffled by hash. So
    the choice needs no seed, and memory holds only what is kept.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.
        num_images: images wanted; fewer come back where classes are short.
        side: images are averaged down to this side.

    Raises:
        Refusal: a shard is damaged, or the split holds no image.
    """
    per_class = -(-num_images // prepared.num_classes)
    try:
        kept = _first_of_every_class(prepared, split, per_class, side)
    except DATA_ERRORS as error:
        raise describe_data_error(error, prepared) from error
    if not kept:
        raise Refusal(
            f"Expected images in split {split} of {prepared.path}. Received: "
            "none. Prepare the data set again."
        )
    kept = sorted(kept, key=lambda row: row[:2])[:num_images]
    poses = [row[3] for row in kept]
    return RealImages(
        images=np.stack([row[2] for row in kept]),
        labels=np.array([row[1] for row in kept], np.int32),
        poses=None if poses[0] is None else np.array(poses, np.float32),
    )


def _first_of_every_class(
    prepared: PreparedData, split: str, per_class: int, side: int
) -> list[tuple[int, int, np.ndarray, np.ndarray | None]]:
    """Rows of (place within its class, label, image, pose)."""
    counts = [0] * prepared.num_classes
    rows = []
    for example in read_split(prepared, split).as_numpy_iterator():
        label = int(example["label"])
        if counts[label] == per_class:
            continue
        image = shrink(example["image"][None], side)[0]
        rows.append((counts[label], label, image, example.get("pose")))
        counts[label] += 1
        if min(counts) == per_class:
            break
    return rows
