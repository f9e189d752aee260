"""Encoded records of a split, in stored order and in shuffled batches.

A split that fits in memory is read once and indexed by a permutation: an
exact shuffle of every epoch, at no cost when a run resumes. A larger one is
streamed: the order of its shards is shuffled, several are read in turn, and
blocks of what they give are shuffled; resuming reads past at most one epoch
of records and decodes none of them.
"""

import functools

import tensorflow as tf

from deepi2i_tf.data.order import endless, permutation, stream_key
from deepi2i_tf.data.prepared import PreparedData
from deepi2i_tf.errors import Refusal

# Encoded bytes of a split that are kept in memory without being asked to.
MEMORY_LIMIT = 512 * 2**20
# Shards read in turn while streaming; more mixes better, and seeks more.
_OPEN_SHARDS = 8


def stored_records(prepared: PreparedData, split: str) -> tf.data.Dataset:
    """The records of a split in stored order.

    Args:
        prepared: the data set.
        split: name of the split.

    Returns:
        A data set of string, ().
    """
    return tf.data.TFRecordDataset(prepared.shard_paths(split))


def load_records(prepared: PreparedData, split: str) -> tf.Tensor:
    """All records of a split, read at once.

    Args:
        prepared: the data set.
        split: name of the split.

    Returns:
        string, (num_examples,), in stored order.

    Raises:
        Refusal: the shards hold another number of records than they should.
        tf.errors.DataLossError: a record is damaged.
    """
    length = prepared.num_examples[split]
    # One more than expected, so that too many do not pass for enough.
    batches = stored_records(prepared, split).take(length + 1)
    records = batches.batch(length + 1).get_single_element()
    if len(records) != length:
        raise Refusal(
            f"Expected the {length} images of split {split} in "
            f"{prepared.path}. Received: {len(records)} or more. Delete that "
            "folder and prepare the data set again."
        )
    return records


def indexed_batches(
    records: tf.Tensor, batch_size: int, seed: int, side: str, start: int
) -> tf.data.Dataset:
    """Endless batches of records in memory, every epoch in its own order.

    Args:
        records: string, (length,).
        batch_size: records of a batch.
        seed: seed of the run.
        side: `"source"` or `"target"`.
        start: index of the first record.

    Returns:
        An infinite data set of string, (batch_size,).
    """
    length = len(records)
    key = stream_key(seed, f"{side} order")

    def epoch_of(epoch: tf.Tensor) -> tf.data.Dataset:
        return tf.data.Dataset.from_tensor_slices(
            permutation(key, epoch, length)
        )

    indices = endless(epoch_of, length, start)
    indices = indices.batch(batch_size, drop_remainder=True)
    return indices.map(functools.partial(tf.gather, records))


def streamed_batches(
    prepared: PreparedData,
    split: str,
    batch_size: int,
    seed: int,
    side: str,
    start: int,
    shuffle_buffer: int,
) -> tf.data.Dataset:
    """Endless batches of records from disk, every epoch in its own order.

    Args:
        prepared: the data set.
        split: name of the split.
        batch_size: records of a batch.
        seed: seed of the run.
        side: `"source"` or `"target"`.
        start: index of the first record.
        shuffle_buffer: records in memory: two blocks, one being read.

    Returns:
        An infinite data set of string, (batch_size,).
    """
    paths = tf.constant(prepared.shard_paths(split))
    length = prepared.num_examples[split]
    block_size = max(1, shuffle_buffer // 2)
    num_blocks = -(-length // block_size)
    shard_key = stream_key(seed, f"{side} order")
    block_key = stream_key(seed, f"{side} block")

    def epoch_of(epoch: tf.Tensor) -> tf.data.Dataset:
        order = permutation(shard_key, epoch, len(paths))
        records = _read_in_turn(tf.gather(paths, order))
        blocks = _shuffled_blocks(
            records, block_size, block_key, epoch * num_blocks
        )
        return blocks.prefetch(1).unbatch()

    return endless(epoch_of, length, start).batch(batch_size, True)


def _read_in_turn(paths: tf.Tensor) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices(paths).interleave(
        tf.data.TFRecordDataset,
        cycle_length=_OPEN_SHARDS,
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )


def _shuffled_blocks(
    records: tf.data.Dataset, size: int, key: int, first_draw: tf.Tensor
) -> tf.data.Dataset:
    def shuffle(place: tf.Tensor, block: tf.Tensor) -> tf.Tensor:
        order = permutation(key, first_draw + place, tf.shape(block)[0])
        return tf.gather(block, order)

    return records.batch(size).enumerate().map(shuffle)
