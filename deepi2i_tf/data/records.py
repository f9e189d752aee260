"""Encoded records of a split, in stored order and in shuffled batches.

A split that fits in memory is read once and indexed by a permutation: an
exact shuffle of every epoch. A larger one is streamed in runs, some records
that lie side by side in a shard: the order of all runs is shuffled, and so are
the records of every few runs that come together. Where a run begins is known
to the byte, so that both resume by arithmetic.
"""

import functools

import numpy as np
import tensorflow as tf

from deepi2i_tf.data.order import endless, permutation, stream_key
from deepi2i_tf.data.prepared import PreparedData
from deepi2i_tf.data.runs import Runs, read_run, runs_of
from deepi2i_tf.errors import Refusal

# Encoded bytes of a split that are kept in memory without being asked to.
MEMORY_LIMIT = 512 * 2**20
# Encoded bytes that are shuffled together while streaming: what a run of the
# original's batches holds, and little beside a network's activations.
BLOCK_BYTES = 32 * 2**20
# Runs that are read side by side.
_OPEN_RUNS = 4


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

    def epoch_of(epoch: tf.Tensor, passed: tf.Tensor) -> tf.data.Dataset:
        order = permutation(key, epoch, length)
        return tf.data.Dataset.from_tensors(order[passed:])

    indices = endless(epoch_of, length, start)
    indices = indices.rebatch(batch_size, drop_remainder=True)
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
        shuffle_buffer: records in memory: two blocks, one being read; fewer
            where they would take more than `BLOCK_BYTES` each.

    Returns:
        An infinite data set of string, (batch_size,).
    """
    runs = runs_of(prepared, split)
    length = prepared.num_examples[split]
    block_length = min(
        shuffle_buffer // 2,
        BLOCK_BYTES * length // prepared.num_bytes(split),
    )
    block_runs = max(1, block_length // runs.length)
    keys = tuple(stream_key(seed, f"{side} {what}") for what in _DRAWS)
    epoch_of = functools.partial(_epoch_blocks, runs, block_runs, keys)
    blocks = endless(epoch_of, length, start)
    return blocks.rebatch(batch_size, drop_remainder=True)


_DRAWS = ("order", "block")


def _epoch_blocks(
    runs: Runs,
    block_runs: int,
    keys: tuple[int, int],
    epoch: tf.Tensor,
    passed: tf.Tensor,
) -> tf.data.Dataset:
    """Blocks of an epoch, string (records,), after `passed` records."""
    order_key, block_key = keys
    num_runs = len(runs.counts)
    num_blocks = -(-num_runs // block_runs)
    order = permutation(order_key, epoch, num_runs)
    ends = tf.cumsum(tf.gather(tf.constant(runs.counts, tf.int64), order))
    last_of_block = np.minimum(
        block_runs * np.arange(1, num_blocks + 1), num_runs
    )
    block_ends = tf.gather(ends, last_of_block - 1)
    first = tf.searchsorted(block_ends, passed[None], side="right")[0]
    begin = tf.concat([[0], block_ends], 0)[first]

    def block(place: tf.Tensor) -> tf.Tensor:
        place = tf.cast(place, tf.int32)
        chosen = order[place * block_runs : (place + 1) * block_runs]
        records = tf.data.Dataset.from_tensor_slices(chosen).interleave(
            functools.partial(read_run, runs),
            cycle_length=_OPEN_RUNS,
            num_parallel_calls=_OPEN_RUNS,
            deterministic=True,
        )
        return records.batch(block_runs * runs.length).map(
            functools.partial(_shuffled, block_key, epoch * num_blocks, place)
        )

    blocks = tf.data.Dataset.range(tf.cast(first, tf.int64), num_blocks)
    shuffled = blocks.flat_map(block).enumerate()
    return shuffled.map(
        lambda index, records: tf.cond(
            index == 0, lambda: records[passed - begin :], lambda: records
        )
    ).prefetch(1)


def _shuffled(
    key: int, first_draw: tf.Tensor, place: tf.Tensor, records: tf.Tensor
) -> tf.Tensor:
    draw = first_draw + tf.cast(place, tf.int64)
    return tf.gather(records, permutation(key, draw, tf.shape(records)[0]))
