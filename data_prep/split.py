"""Which photos are kept for testing: by hash, stratified, reproducible.

The photo's identity (not the crop's, not the file's place in a listing) is
hashed; within a class the photos of the smallest hashes are for testing. So
every crop of a photo lands on one side, and adding a photo moves few others.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence

TEST_FRACTION = 0.1


def _rank(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()


def _quotas(labels: Sequence[int], fraction: float) -> Counter:
    return Counter(
        {
            label: max(1, int(count * fraction + 0.5))
            for label, count in Counter(labels).items()
        }
    )


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
    members = defaultdict(Counter)
    for identity, label in zip(identities, labels, strict=True):
        members[identity][label] += 1
    open_quota = _quotas(labels, fraction)
    ranked = sorted(members, key=_rank)
    testing = set()

    def take(identity: str) -> None:
        testing.add(identity)
        open_quota.subtract(members[identity])

    for identity in ranked:
        if all(open_quota[label] > 0 for label in members[identity]):
            take(identity)
    tested = {label for identity in testing for label in members[identity]}
    for identity in ranked:
        if identity not in testing and not tested >= members[identity].keys():
            take(identity)
            tested |= members[identity].keys()
    return ["test" if name in testing else "train" for name in identities]
