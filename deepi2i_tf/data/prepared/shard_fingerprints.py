"""Fingerprints of shards, to detect that they changed during training.

TensorFlow sees a flipped bit, but not that a shard was replaced by another
whole one. A fingerprint is the size and a few bytes of either end: other
images begin with other bytes. Reading those is cheap, and as good wherever
the data set is copied to; what the file system says of a file (its size, the
time of its last change) is cheaper still, but says nothing of a copy.
"""

import hashlib
import os

from deepi2i_tf.data.prepared.prepared_data import (
    PreparedData,
    Shard,
    shard_error,
)

_END_BYTES = 2**14


def ends_sha256(prepared: PreparedData) -> str:
    """SHA-256 over the size and both ends of every shard, in hexadecimal.

    It is the same for a copy of the data set.
    """
    digest = hashlib.sha256()
    for split in sorted(prepared.shards):
        for path in prepared.shard_paths(split):
            digest.update(_ends_of(path))
    return digest.hexdigest()


class ShardWatch:
    """Remembers the shards of a split as they are now."""

    def __init__(self, prepared: PreparedData, split: str) -> None:
        self._prepared = prepared
        self._seen: dict[Shard, tuple] = {
            shard: (_stamp(path), _ends_of(path))
            for shard, path in zip(
                prepared.shards[split], prepared.shard_paths(split), strict=True
            )
        }

    def require_same(self) -> None:
        """Refuses changed shards; opens only those with another time stamp.

        Raises:
            UserError: names the first shard that vanished or holds other bytes.
        """
        for shard, (stamp, ends) in self._seen.items():
            path = os.path.join(self._prepared.path, shard.file)
            try:
                same = _stamp(path) == stamp or _ends_of(path) == ends
            except FileNotFoundError:
                raise shard_error(
                    self._prepared, shard, "no such file"
                ) from None
            if not same:
                raise shard_error(
                    self._prepared,
                    shard,
                    "other bytes than when this process began to train, "
                    "which has saved nothing since the last checkpoint",
                )


def _stamp(path: str) -> tuple[int, int, int]:
    status = os.stat(path)
    return status.st_ino, status.st_size, status.st_mtime_ns


def _ends_of(path: str) -> bytes:
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        first = file.read(_END_BYTES)
        file.seek(max(0, size - _END_BYTES))
        return hashlib.sha256(b"%d " % size + first + file.read()).digest()
