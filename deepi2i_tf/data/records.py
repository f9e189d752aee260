"""Encoded records of a split, in stored order and in shuffled batches.

A split that fits in memory is read once and indexed by a permutation: an
exact shuffle of every epoch. A larger one is streamed in blocks, records that
lie side by side in a shard: the order of all blocks is shuffled, and so are
the records within a window, some blocks that are read together. Where a block
begins is known to the byte, so that both resume by arithmetic.
"""

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from deepi2i_tf.data.order import Stream, permutation, repeat_epochs
from deepi2i_tf.data.prepared.prepared_data import PreparedData
from deepi2i_tf.data.prepared.split_membership import split_records
from deepi2i_tf.data.record_blocks import RecordBlocks, read_block
from deepi2i_tf.utils.errors import UserError

# Encoded bytes of a split that are kept in memory without being asked to.
MEMORY_LIMIT = 512 * 2**20
# Encoded bytes that are shuffled together while streaming. Twice as many no
# longer fit the caches of a processor and cost a tenth of the speed.
WINDOW_BYTES = 16 * 2**20
# Blocks that are read side by side.
_OPEN_BLOCKS = 4

# Records, string (count,) -> tensors (count, ...).
Decode = Callable[[tf.Tensor], dict[str, tf.Tensor]]


def load_records(prepared: PreparedData, split: str) -> tf.Tensor:
    """Reads all records of a split, string (num_examples,), in stored order.

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


def indexed_batches(records: tf.Tensor, stream: Stream) -> tf.data.Dataset:
    """Infinite dataset of shuffled batches of records in memory, string."""
    length = len(records)
    key = stream.key("order")

    def epoch_of(epoch: tf.Tensor, passed: tf.Tensor) -> tf.data.Dataset:
        order = permutation(key, epoch, length)
        return tf.data.Dataset.from_tensors(order[passed:])

    indices = repeat_epochs(epoch_of, length, stream.start)
    indices = indices.rebatch(stream.batch_size, drop_remainder=True)
    return indices.map(functools.partial(tf.gather, records))


def streamed_batches(
    blocks: RecordBlocks,
    stream: Stream,
    shuffle_buffer: int,
    decode: Decode | None = None,
) -> tf.data.Dataset:
    """Infinite dataset of shuffled batches of records from disk.

    Args:
        blocks: of the split.
        stream: what orders them, and from where on.
        shuffle_buffer: records in memory, two windows of `WINDOW_BYTES` at
            most.
        decode: is called before records are shuffled; that pays where it
            costs nothing and strings are long.
    """
    prepared, split = blocks.prepared, blocks.split
    bytes_each = prepared.num_bytes(split) // int(blocks.stored.sum())
    length = min(shuffle_buffer // 2, WINDOW_BYTES // bytes_each)
    width = max(1, length // blocks.length)

    def read_window(chosen: tf.Tensor) -> tf.data.Dataset:
        """One element: all records of the chosen blocks, maybe decoded."""
        records = tf.data.Dataset.from_tensor_slices(chosen).interleave(
            functools.partial(read_block, blocks),
            cycle_length=_OPEN_BLOCKS,
            num_parallel_calls=_OPEN_BLOCKS,
            deterministic=True,
        )
        window = records.batch(width * blocks.length)
        return window.map(decode) if decode else window

    epoch_of = functools.partial(
        _epoch_windows, blocks.counts, width, stream, read_window
    )
    count = prepared.num_examples[split]
    windows = repeat_epochs(epoch_of, count, stream.start)
    return windows.rebatch(stream.batch_size, drop_remainder=True)


def _epoch_windows(
    counts: np.ndarray,
    width: int,
    stream: Stream,
    read_window: Callable[[tf.Tensor], tf.data.Dataset],
    epoch: tf.Tensor,
    passed: tf.Tensor,
) -> tf.data.Dataset:
    """Shuffled windows of an epoch, without its first `passed` records."""
    num_blocks = len(counts)
    num_windows = -(-num_blocks // width)
    order = permutation(stream.key("order"), epoch, num_blocks)
    ends = tf.cumsum(tf.gather(tf.constant(counts), order))
    lasts = np.minimum(width * np.arange(1, num_windows + 1), num_blocks) - 1
    window_ends = tf.gather(ends, lasts)
    first = tf.searchsorted(window_ends, passed[None], side="right")[0]
    begin = tf.concat([[0], window_ends], 0)[first]

    def shuffled(index: tf.Tensor) -> tf.data.Dataset:
        chosen = order[index * width : (index + 1) * width]
        # Of the window in which the stream begins, what comes before.
        cut = tf.where(index == tf.cast(first, index.dtype), passed - begin, 0)
        shuffle = functools.partial(
            _shuffle, stream.key("window"), epoch * num_windows + index, cut
        )
        return read_window(chosen).map(shuffle)

    indices = tf.data.Dataset.range(tf.cast(first, tf.int64), num_windows)
    return indices.flat_map(shuffled).prefetch(1)


def _shuffle(
    key: int, draw: tf.Tensor, cut: tf.Tensor, window: dict[str, tf.Tensor]
) -> dict[str, tf.Tensor]:
    length = tf.shape(tf.nest.flatten(window)[0])[0]
    order = permutation(key, draw, length)[cut:]
    return tf.nest.map_structure(lambda part: tf.gather(part, order), window)
