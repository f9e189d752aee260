"""Runs of records: some that lie side by side in a shard, and where they are.

A TFRecord file can be entered at the first byte of any record. `manifest.json`
lists that byte for every `RUN_LENGTH`th record; where it does not, the lengths
in front of the records are read, which skips the records themselves.
"""

import dataclasses
import os
import struct

import numpy as np
import tensorflow as tf

from deepi2i_tf.data.held_out import keep, num_kept
from deepi2i_tf.data.prepared import PreparedData, Shard, damaged

# As `data_prep` lists them.
RUN_LENGTH = 64
# A record is its length (8 bytes) with a checksum (4), its content, and the
# content's checksum (4).
_LENGTH = struct.Struct("<Q")
_AROUND = 16
_READ_AHEAD = 2**20


@dataclasses.dataclass(frozen=True)
class Runs:
    """The runs of a split; every array has one entry for each.

    Args:
        paths: string, of the shard.
        offsets: int64, the first byte in it.
        stored: int64, records from there on.
        firsts: int64, place of the first among all that the shards hold.
        counts: int64, how many of the records belong to the split.
        length: the largest of the counts.
    """

    paths: np.ndarray
    offsets: np.ndarray
    stored: np.ndarray
    firsts: np.ndarray
    counts: np.ndarray
    length: int


def runs_of(prepared: PreparedData, split: str) -> Runs:
    """Finds the runs of a split.

    Args:
        prepared: the data set.
        split: name of the split.

    Raises:
        UserError: a shard is cut off, or holds another number of records.
    """
    paths, offsets, stored = [], [], []
    for shard in prepared.shards[split]:
        path = os.path.join(prepared.path, shard.file)
        found = shard.run_offsets or _scan(prepared, shard, path)
        paths += [path] * len(found)
        offsets += found
        stored += [RUN_LENGTH] * (len(found) - 1)
        stored.append(shard.num_examples - RUN_LENGTH * (len(found) - 1))
    ends = np.cumsum(stored, dtype=np.int64)
    firsts = ends - stored
    counts = num_kept(prepared, split, firsts, ends)
    return Runs(
        np.array(paths),
        np.array(offsets, np.int64),
        np.array(stored, np.int64),
        firsts,
        counts,
        int(max(counts)),
    )


def _scan(prepared: PreparedData, shard: Shard, path: str) -> list[int]:
    found, place, records = [], 0, 0
    with open(path, "rb") as stream:
        descriptor = stream.fileno()
        end = os.fstat(descriptor).st_size
        while place < end and records <= shard.num_examples:
            if records % RUN_LENGTH == 0:
                found.append(place)
            head = os.pread(descriptor, _LENGTH.size, place)
            length = _LENGTH.unpack(head)[0] if len(head) == 8 else end
            place += length + _AROUND
            records += 1
    if place != end or records != shard.num_examples:
        raise damaged(prepared, shard, "records of other lengths or number")
    return found


def read_run(
    prepared: PreparedData, split: str, runs: Runs, index: tf.Tensor
) -> tf.data.Dataset:
    """Reads the records of one run; to be called by `flat_map` and its like.

    (TensorFlow 2.21 cannot serialize the operation outside of a function: it
    forgets the offsets.)

    Args:
        prepared: the data set.
        split: name of the split.
        runs: of the split.
        index: int32, (), which run.

    Returns:
        A data set of string, (); a damaged record ends it with
        `tf.errors.DataLossError`.
    """
    variant = tf.raw_ops.TFRecordDatasetV2(
        filenames=tf.gather(tf.constant(runs.paths), index[None]),
        compression_type="",
        buffer_size=_READ_AHEAD,
        byte_offsets=tf.gather(tf.constant(runs.offsets), index[None]),
    )
    records = tf.data.experimental.from_variant(
        variant, tf.TensorSpec((), tf.string)
    )
    stored = records.take(tf.gather(tf.constant(runs.stored), index))
    first = tf.gather(tf.constant(runs.firsts), index)
    return keep(prepared, split, stored, first)
