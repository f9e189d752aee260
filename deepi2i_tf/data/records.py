"""Encoded records of a split, in stored order and in shuffled batches.

A split that fits in memory is read once and indexed by a permutation: an
exact shuffle of every epoch. A larger one is streamed in runs, some records
that lie side by side in a shard: the order of all runs is shuffled, and so are
the records of every few runs that come together. Where a run begins is known
to the byte, so that both resume by arithmetic.
"""

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from deepi2i_tf.data.held_out import split_records
from deepi2i_tf.data.order import repeat_epochs, permutation, stream_key
from deepi2i_tf.data.prepared import PreparedData
from deepi2i_tf.data.record_blocks import Runs, read_run
from deepi2i_tf.utils.errors import UserError

# Encoded bytes of a split that are kept in memory without being asked to.
MEMORY_LIMIT = 512 * 2**20
# Encoded bytes that are shuffled together while streaming. Twice as many no
# longer fit the caches of a processor and cost a tenth of the speed.
BLOCK_BYTES = 16 * 2**20
# Runs that are read side by side.
_OPEN_RUNS = 4

# Records, string (count,) -> tensors (count, ...).
Decode = Callable[[tf.Tensor], dict[str, tf.Tensor]]


def load_records(prepared: PreparedData, split: str) -> tf.Tensor:
    """All records of a split, read at once.

    Args:
        prepared: the data set.
        split: name of the split.

    Returns:
        string, (num_examples,), in stored order.

    Raises:
        UserError: the shards hold another number of records than they should.
        tf.errors.DataLossError: a record is damaged.
    """
    length = prepared.num_examples[split]
    # One more than expected, so that too many do not pass for enough.
    batches = split_records(prepared, split).take(length + 1)
    records = batches.batch(length + 1).get_single_element()
    if len(records) != length:
        raise UserError(
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

    indices = repeat_epochs(epoch_of, length, start)
    indices = indices.rebatch(batch_size, drop_remainder=True)
    return indices.map(functools.partial(tf.gather, records))


def streamed_batches(
    prepared: PreparedData,
    split: str,
    runs: Runs,
    batch_size: int,
    seed: int,
    side: str,
    start: int,
    shuffle_buffer: int,
    decode: Decode | None = None,
) -> tf.data.Dataset:
    """Endless batches of records from disk, every epoch in its own order.

    Args:
        prepared: the data set.
        split: name of the split.
        runs: of the split.
        batch_size: records of a batch.
        seed: seed of the run.
        side: `"source"` or `"target"`.
        start: index of the first record.
        shuffle_buffer: records in memory, two blocks of `BLOCK_BYTES` at most.
        decode: is called before records are shuffled; that pays where it
            costs nothing and strings are long.

    Returns:
        An infinite data set of string, (batch_size,), decoded or not.
    """
    bytes_each = prepared.num_bytes(split) // int(runs.stored.sum())
    block_length = min(shuffle_buffer // 2, BLOCK_BYTES // bytes_each)
    block_runs = max(1, block_length // runs.length)
    keys = tuple(stream_key(seed, f"{side} {what}") for what in _DRAWS)
    block_of = functools.partial(
        _read_block, prepared, split, runs, block_runs, decode
    )
    epoch_of = functools.partial(
        _epoch_blocks, runs, block_runs, keys, block_of
    )
    blocks = repeat_epochs(epoch_of, prepared.num_examples[split], start)
    return blocks.rebatch(batch_size, drop_remainder=True)


_DRAWS = ("order", "block")


def _read_block(
    prepared: PreparedData,
    split: str,
    runs: Runs,
    block_runs: int,
    decode: Decode | None,
    chosen: tf.Tensor,
) -> tf.data.Dataset:
    """One element: all records of the chosen runs, maybe decoded."""
    records = tf.data.Dataset.from_tensor_slices(chosen).interleave(
        functools.partial(read_run, prepared, split, runs),
        cycle_length=_OPEN_RUNS,
        num_parallel_calls=_OPEN_RUNS,
        deterministic=True,
    )
    block = records.batch(block_runs * runs.length)
    return block.map(decode) if decode else block


def _epoch_blocks(
    runs: Runs,
    block_runs: int,
    keys: tuple[int, int],
    block_of: Callable[[tf.Tensor], tf.data.Dataset],
    epoch: tf.Tensor,
    passed: tf.Tensor,
) -> tf.data.Dataset:
    """Shuffled blocks of an epoch, without its first `passed` records."""
    order_key, block_key = keys
    num_runs = len(runs.counts)
    num_blocks = -(-num_runs // block_runs)
    order = permutation(order_key, epoch, num_runs)
    ends = tf.cumsum(tf.gather(tf.constant(runs.counts), order))
    last_of_block = np.minimum(
        block_runs * np.arange(1, num_blocks + 1), num_runs
    )
    block_ends = tf.gather(ends, last_of_block - 1)
    first = tf.searchsorted(block_ends, passed[None], side="right")[0]
    begin = tf.concat([[0], block_ends], 0)[first]

    def shuffled(place: tf.Tensor) -> tf.data.Dataset:
        chosen = order[place * block_runs : (place + 1) * block_runs]
        # Of the block in which the stream begins, what comes before.
        cut = tf.where(place == tf.cast(first, place.dtype), passed - begin, 0)
        shuffle = functools.partial(
            _shuffle, block_key, epoch * num_blocks + place, cut
        )
        return block_of(chosen).map(shuffle)

    places = tf.data.Dataset.range(tf.cast(first, tf.int64), num_blocks)
    return places.flat_map(shuffled).prefetch(1)


def _shuffle(
    key: int, draw: tf.Tensor, cut: tf.Tensor, block: dict[str, tf.Tensor]
) -> dict[str, tf.Tensor]:
    length = tf.shape(tf.nest.flatten(block)[0])[0]
    order = permutation(key, draw, length)[cut:]
    return tf.nest.map_structure(lambda part: tf.gather(part, order), block)
