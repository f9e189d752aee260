"""Which items stand in which shard: by hash, so that classes are mixed."""

import dataclasses
import itertools
from collections.abc import Sequence

from tensorflow_datasets.core import hashing

from data_prep.catalogue import Item


@dataclasses.dataclass(frozen=True)
class ShardPlan:
    """What a shard is to hold.

    Args:
        split: `"train"` or `"test"`.
        index: its place among the shards of the split.
        items: in the order in which they are written.
    """

    split: str
    index: int
    items: tuple[Item, ...]

    @property
    def stem(self) -> str:
        """Name of its files while they are being made."""
        return f"{self.split}-{self.index:05d}"


def plan_shards(
    split: str, items: Sequence[Item], num_shards: int
) -> list[ShardPlan]:
    """Returns the shards of a split, of equal sizes but for one item.

    Order and sizes are those that TFDS's own writer gives: by hash, salted
    with the split's name.

    Args:
        split: `"train"` or `"test"`.
        items: of the split.
        num_shards: at most one per item.

    Raises:
        ValueError: two items have the same id.
    """
    hasher = hashing.Hasher(split)
    ordered = sorted(items, key=lambda item: hasher.hash_key(item.id))
    for item, following in itertools.pairwise(ordered):
        if item.id == following.id:
            raise ValueError(f"Expected ids to be unique. Received: {item.id}.")
    ends = [
        round(len(ordered) * index / num_shards)
        for index in range(num_shards + 1)
    ]
    return [
        ShardPlan(split, index, tuple(ordered[ends[index] : ends[index + 1]]))
        for index in range(num_shards)
    ]
