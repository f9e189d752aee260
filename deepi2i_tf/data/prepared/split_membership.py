"""Leaves of stored records those that a split consists of.

Both splits may lie in the same shards (`tfds_folder`), and classes may be
left out (`class_subset`). Whether a record is read follows from its index
alone, so that it is the same in whatever order shards are read.
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
    """Keeps those of the stored records that are chosen for a split.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.
        records: data set of string, (); side by side in stored order.
        first: int64, (), index of their first among all that the shards of
            the split hold.
    """
    if not prepared.chosen:
        return records

    def is_chosen(index: tf.Tensor, record: tf.Tensor) -> tf.Tensor:
        del record
        return tf.gather(tf.constant(prepared.chosen[split]), first + index)

    kept = records.enumerate().filter(is_chosen)
    return kept.map(lambda index, record: record)


def count_kept(
    prepared: PreparedData,
    split: str,
    first: int | np.ndarray,
    end: int | np.ndarray,
) -> int | np.ndarray:
    """How many records `keep_split` leaves of those from `first` to `end`."""
    if not prepared.chosen:
        return end - first
    before = np.cumsum(np.append(0, prepared.chosen[split]))
    return before[end] - before[first]
