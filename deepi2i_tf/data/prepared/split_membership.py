"""Which stored records belong to a split, also where splits share their shards.

A data set that TFDS wrote may come without labelled test images. Every n-th
record of its training split, counted over all shards in stored order, is then
the test part and the others are for training. Stored order is as good as
random: TFDS shuffles by hash when it writes. Which part a record belongs to
follows from its index alone, so that it is the same in whatever order shards
are read, and training never sees what is measured.
"""

import numpy as np
import tensorflow as tf

from deepi2i_tf.data.prepared.prepared_data import PreparedData


def split_records(prepared: PreparedData, split: str) -> tf.data.Dataset:
    """The records of a split in stored order, string ()."""
    records = tf.data.TFRecordDataset(prepared.shard_paths(split))
    return keep_split(prepared, split, records, 0)


def keep_split(
    prepared: PreparedData,
    split: str,
    records: tf.data.Dataset,
    first: int | tf.Tensor,
) -> tf.data.Dataset:
    """Keeps those of the stored records that belong to a split.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.
        records: data set of string, (); side by side in stored order.
        first: int64, (), index of their first among all that the shards of
            the split hold.
    """
    if not (prepared.test_every or prepared.chosen):
        return records

    def belongs(index: tf.Tensor, record: tf.Tensor) -> tf.Tensor:
        del record
        if prepared.chosen:
            return tf.gather(tf.constant(prepared.chosen[split]), first + index)
        return in_split(prepared, split, first + index)

    kept = records.enumerate().filter(belongs)
    return kept.map(lambda index, record: record)


def in_split(prepared: PreparedData, split: str, indices):
    """Whether records belong to a split, of whatever class.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.
        indices: int64 array or tensor, among all that the shards hold.

    Returns:
        bool, of the shape of `indices`.
    """
    if not prepared.test_every:
        return indices >= 0
    remainder = (indices + 1) % prepared.test_every
    return remainder == 0 if split == "test" else remainder != 0


def count_kept(
    prepared: PreparedData,
    split: str,
    first: int | np.ndarray,
    end: int | np.ndarray,
) -> int | np.ndarray:
    """How many records `keep_split` leaves of those from `first` to `end`."""
    if prepared.chosen:
        before = np.cumsum(np.append(0, prepared.chosen[split]))
        return before[end] - before[first]
    if not prepared.test_every:
        return end - first
    tested = end // prepared.test_every - first // prepared.test_every
    return tested if split == "test" else end - first - tested
