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
    splits = ["train"] * len(identities)
    for photo in photos:
        if all(open_quota[labels[index]] > 0 for index in photo):
            for index in photo:
                splits[index] = "test"
                open_quota[labels[index]] -= 1
    _promise_tests(photos, labels, splits)
    return splits


def _promise_tests(
    photos: Sequence[tuple[int, ...]],
    labels: Sequence[int],
    splits: list[str],
) -> None:
    """Moves photos to testing until no class is without."""
    tested = Counter(
        labels[index]
        for photo in photos
        for index in photo
        if splits[index] == "test"
    )
    for photo in photos:
        if splits[photo[0]] == "train" and any(
            not tested[labels[index]] for index in photo
        ):
            for index in photo:
                splits[index] = "test"
                tested[labels[index]] += 1


def mend_splits(
    identities: Sequence[str],
    labels: Sequence[int],
    splits: Sequence[str],
    usable: Sequence[bool],
) -> list[str]:
    """Returns splits in which unusable examples leave no class one-sided.

    A class whose usable examples are all for training, or all for testing,
    gets the nearest photos by hash from the other side, where it has some to
    spare; nothing else moves.

    Args:
        identities: as for `assign_splits`.
        labels: class of each example.
        splits: of `assign_splits`.
        usable: whether each example can be read.
    """
    found = set(itertools.compress(zip(labels, splits, strict=True), usable))
    if len(found) == 2 * len({label for label, _ in found}):
        return list(splits)
    groups = (
        tuple(index for index in photo if usable[index])
        for photo in _photos(identities)
    )
    photos = [photo for photo in groups if photo]
    mended = list(splits)
    _promise_tests(photos, labels, mended)
    _promise_training(photos, labels, mended)
    return mended


def _promise_training(
    photos: Sequence[tuple[int, ...]],
    labels: Sequence[int],
    splits: list[str],
) -> None:
    """Moves photos to training where a class has none, but for its last."""
    counts = Counter(
        (labels[index], splits[index]) for photo in photos for index in photo
    )
    for photo in reversed(photos):
        own = Counter(labels[index] for index in photo)
        if (
            splits[photo[0]] == "test"
            and any(not counts[label, "train"] for label in own)
            and all(counts[label, "test"] > n for label, n in own.items())
        ):
            for index in photo:
                splits[index] = "train"
                counts[labels[index], "test"] -= 1
                counts[labels[index], "train"] += 1
