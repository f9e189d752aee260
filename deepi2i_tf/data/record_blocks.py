"""Blocks of records: some that lie side by side in a shard, and where they are.

A TFRecord file can be entered at the first byte of any record. `manifest.json`
lists that byte for every `BLOCK_LENGTH`th record; where it does not, the
lengths in front of the records are read, which skips the records themselves.
"""

import dataclasses
import os

import numpy as np
import tensorflow as tf

from deepi2i_tf.data.prepared.prepared_data import (
    PreparedData,
    Shard,
    shard_error,
)
from deepi2i_tf.data.prepared.split_membership import count_kept, keep_split
from deepi2i_tf.utils.prepared_layout import BLOCK_LENGTH, scan_records

_READ_AHEAD = 2**20


@dataclasses.dataclass(frozen=True)
class RecordBlocks:
    """The blocks of a split; every array has one entry for each.

    Args:
        prepared: the data set.
        split: name of the split.
        paths: string, of the shard.
        offsets: int64, the first byte in it.
        stored: int64, records from there on.
        firsts: int64, index of the first among all that the shards hold.
        counts: int64, how many of the records belong to the split.
    """

    prepared: PreparedData
    split: str
    paths: np.ndarray
    offsets: np.ndarray
    stored: np.ndarray
    firsts: np.ndarray
    counts: np.ndarray

    @property
    def length(self) -> int:
        """The largest of the counts."""
        return int(max(self.counts))


def find_blocks(prepared: PreparedData, split: str) -> RecordBlocks:
    """Finds the blocks of a split.

    Raises:
        UserError: a shard is cut off, or holds another number of records.
    """
    paths, offsets, stored = [], [], []
    for shard in prepared.shards[split]:
        path = os.path.join(prepared.path, shard.file)
        found = shard.run_offsets or _scan(prepared, shard, path)
        paths += [path] * len(found)
        offsets += found
        stored += [BLOCK_LENGTH] * (len(found) - 1)
        stored.append(shard.num_examples - BLOCK_LENGTH * (len(found) - 1))
    ends = np.cumsum(stored, dtype=np.int64)
    firsts = ends - stored
    return RecordBlocks(
        prepared,
        split,
        np.array(paths),
        np.array(offsets, np.int64),
        np.array(stored, np.int64),
        firsts,
        count_kept(prepared, split, firsts, ends),
    )


def _scan(prepared: PreparedData, shard: Shard, path: str) -> list[int]:
    found, records = scan_records(path, BLOCK_LENGTH, shard.num_examples)
    if records != shard.num_examples:
        raise shard_error(prepared, shard, "records of other lengths or number")
    return found


def read_block(blocks: RecordBlocks, index: tf.Tensor) -> tf.data.Dataset:
    """Reads the records of block `index`; to be called by `flat_map`.

    (TensorFlow 2.21 cannot serialize the operation outside of a function: it
    forgets the offsets.)

    Returns:
        A data set of string, (); a damaged record ends it with
        `tf.errors.DataLossError`.
    """
    variant = tf.raw_ops.TFRecordDatasetV2(
        filenames=tf.gather(tf.constant(blocks.paths), index[None]),
        compression_type="",
        buffer_size=_READ_AHEAD,
        byte_offsets=tf.gather(tf.constant(blocks.offsets), index[None]),
    )
    records = tf.data.experimental.from_variant(
        variant, tf.TensorSpec((), tf.string)
    )
    stored = records.take(tf.gather(tf.constant(blocks.stored), index))
    first = tf.gather(tf.constant(blocks.firsts), index)
    return keep_split(blocks.prepared, blocks.split, stored, first)
