"""Records of a split, also where both splits lie in the same shards.

A data set that TFDS wrote may come without labelled test images. Every n-th
record of its training split, counted over all shards in stored order, is then
the test part and the others are for training. Stored order is as good as
random: TFDS shuffles by hash when it writes. Which part a record belongs to
follows from its place alone, so that it is the same in whatever order shards
are read, and training never sees what is measured.
"""

import numpy as np
import tensorflow as tf

from deepi2i_tf.data.prepared import PreparedData


def split_records(prepared: PreparedData, split: str) -> tf.data.Dataset:
    """The records of a split in stored order.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.

    Returns:
        A data set of string, ().
    """
    records = tf.data.TFRecordDataset(prepared.shard_paths(split))
    return keep(prepared, split, records, 0)


def keep(
    prepared: PreparedData,
    split: str,
    records: tf.data.Dataset,
    first: int | tf.Tensor,
) -> tf.data.Dataset:
    """Leaves of stored records those that belong to a split.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.
        records: data set of string, (); side by side in stored order.
        first: int64, (), place of their first among all that the shards of
            the split hold.

    Returns:
        Like `records`; the very same where each split has its own shards.
    """
    if not (prepared.held_out or prepared.chosen):
        return records

    def belongs(place: tf.Tensor, record: tf.Tensor) -> tf.Tensor:
        del record
        if prepared.chosen:
            return tf.gather(tf.constant(prepared.chosen[split]), first + place)
        return belonging(prepared, split, first + place)

    kept = records.enumerate().filter(belongs)
    return kept.map(lambda place, record: record)


def belonging(prepared: PreparedData, split: str, places):
    """Which stored records belong to a split, of whatever class.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.
        places: int64 array or tensor, places among all that the shards hold.

    Returns:
        bool, of the shape of `places`.
    """
    if not prepared.held_out:
        return places >= 0
    in_test = (places + 1) % prepared.held_out
    return in_test == 0 if split == "test" else in_test != 0


def num_kept(
    prepared: PreparedData,
    split: str,
    first: int | np.ndarray,
    end: int | np.ndarray,
) -> int | np.ndarray:
    """How many records `keep` leaves.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.
        first: place of the first record among all stored ones.
        end: place behind the last one.

    Returns:
        Numbers of records, an array where `first` and `end` are.
    """
    if prepared.chosen:
        before = np.cumsum(np.append(0, prepared.chosen[split]))
        return before[end] - before[first]
    if not prepared.held_out:
        return end - first
    held_out = end // prepared.held_out - first // prepared.held_out
    return held_out if split == "test" else end - first - held_out
