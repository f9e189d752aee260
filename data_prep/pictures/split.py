"""Which photos are kept for testing: by hash, stratified, reproducible.

The photo's identity (not the crop's, not the file's place in a listing) is
hashed; within a class the photos of the smallest hashes are for testing. So
every crop of a photo lands on one side, and adding a photo moves few others.
"""

import hashlib
import itertools
from collections import Counter
from collections.abc import Sequence

TEST_FRACTION = 0.1


def _rank(identity: str) -> int:
    digest = hashlib.sha256(identity.encode()).digest()
    return int.from_bytes(digest[:8], "big")


def _quotas(labels: Sequence[int], fraction: float) -> Counter:
    return Counter(
        {
            label: max(1, int(count * fraction + 0.5))
            for label, count in Counter(labels).items()
        }
    )


def _photos(identities: Sequence[str]) -> list[tuple[int, ...]]:
    """The examples of each photo, photos of small hashes first."""
    # Lists, not a dictionary of photos: there may be a million.
    ranks = [_rank(identity) for identity in identities]
    order = sorted(
        range(len(ranks)), key=lambda index: (ranks[index], identities[index])
    )
    return [
        tuple(group)
        for _, group in itertools.groupby(order, identities.__getitem__)
    ]


def assign_splits(
    identities: Sequence[str],
    labels: Sequence[int],
    fraction: float = TEST_FRACTION,
) -> list[str]:
    """Returns `"train"` or `"test"` for every example.

    Args:
        identities: of the photo that each example shows; examples that share
            it share their split, whatever their labels.
        labels: class of each example.
        fraction: of each class's examples that goes to testing; at least one
            does.

    Example:
        >>> assign_splits(["a", "b", "c"], [0, 0, 0]).count("test")
        1
    """
    photos = _photos(identities)
    open_quota = _quotas(labels, fraction)
    tested: Counter = Counter()
    splits = ["train"] * len(identities)

    def take(photo: tuple[int, ...]) -> None:
        for index in photo:
            splits[index] = "test"
            open_quota[labels[index]] -= 1
            tested[labels[index]] += 1

    for photo in photos:
        if all(open_quota[labels[index]] > 0 for index in photo):
            take(photo)
    for photo in photos:
        if splits[photo[0]] == "train" and any(
            not tested[labels[index]] for index in photo
        ):
            take(photo)
    return splits
