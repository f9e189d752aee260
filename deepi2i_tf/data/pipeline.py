"""Prepared data set -> training batches, a function of (seed, step).

    records -> shuffle -> decode -> flip -> [-1, 1] -> pair -> prefetch

Every stage is stateless and every epoch's order depends on (seed, epoch)
alone, so batch k of a pipeline that starts at step s is batch s + k of the
one that starts at 0: a run resumes by building the pipeline at its step.
Records are batched while encoded; one tf.data element then carries a whole
batch, which is four times as fast as an element per image. Bare pixels are
the exception while streaming: they are taken out of their records at once,
because shuffling strings of such a length copies each of them anew.
"""

import functools
from collections.abc import Sequence

import tensorflow as tf

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data.augment import flip_batches, mirror, to_signed
from deepi2i_tf.data.integrity import DATA_ERRORS, describe_data_error
from deepi2i_tf.data.decode import decode_records
from deepi2i_tf.data.held_out import split_records
from deepi2i_tf.data.pairs import pair_batches
from deepi2i_tf.data.prepared import PreparedData
from deepi2i_tf.data.records import (
    MEMORY_LIMIT,
    indexed_batches,
    load_records,
    streamed_batches,
)
from deepi2i_tf.data.record_blocks import runs_of
from deepi2i_tf.data.shard_fingerprints import ShardWatch

_SPLIT = "train"
SIDES = ("source", "target")


def read_split(
    prepared: PreparedData, split: str, start: int = 0
) -> tf.data.Dataset:
    """The examples of a split in stored order, once.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.
        start: number of examples to pass over, undecoded.

    Returns:
        A data set of {"image": uint8 (R, R, 3), "label": int32 (), "id":
        string (), and "pose": float32 (5,) where the data set has it}. A
        damaged record ends it with one of `DATA_ERRORS`.
    """
    batches = split_records(prepared, split).skip(start).batch(64)
    examples = batches.map(
        lambda records: decode_records(records, prepared.features, prepared),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    return examples.unbatch()


def training_batches(
    prepared: PreparedData,
    config: DataConfig,
    batch_size: int,
    seed: int,
    start_step: int = 0,
    sides: Sequence[str] = SIDES,
) -> tf.data.Dataset:
    """Endless batches of (source, target) pairs of the training split.

    A split of up to `MEMORY_LIMIT` encoded bytes, or any with `config.cache`,
    is read into memory at once; others are streamed, in another order.

    Args:
        prepared: the data set.
        config: says whether to flip and to cache, and how much to shuffle.
        batch_size: pairs of a batch, over all replicas; may exceed the split.
        seed: seed of the run, any integer >= 0.
        start_step: number of batches to pass over, at little cost.
        sides: which of `SIDES` are read; a side alone is what it is in pairs.

    Returns:
        An infinite data set of {"source", "target": float32 (batch_size, R,
        R, 3), in [-1, 1]; "source_label", "target_label": int32
        (batch_size,)}, of what `sides` names.

    Raises:
        UserError: a damaged shard, when the split is read at once.
    """
    start = start_step * batch_size
    records = _side_records(prepared, config, batch_size, seed, start, sides)
    finished = {
        side: _finished(prepared, config, batch_size, seed, side, start, each)
        for side, each in records
    }
    batches = pair_batches(finished)
    return batches.prefetch(tf.data.AUTOTUNE).with_options(_options())


def watch_shards(
    prepared: PreparedData, config: DataConfig
) -> ShardWatch | None:
    """Watches the shards that `training_batches` goes on reading.

    Args:
        prepared: the data set.
        config: as given to `training_batches`.

    Returns:
        Nothing where the split is read into memory at once.
    """
    streamed = _is_streamed(prepared, config)
    return ShardWatch(prepared, _SPLIT) if streamed else None


def _is_streamed(prepared: PreparedData, config: DataConfig) -> bool:
    return not config.cache and prepared.num_bytes(_SPLIT) > MEMORY_LIMIT


def _side_records(
    prepared: PreparedData,
    config: DataConfig,
    batch_size: int,
    seed: int,
    start: int,
    sides: Sequence[str],
) -> list[tuple[str, tf.data.Dataset]]:
    """Each side's shuffled batches, of records or of decoded examples."""
    if _is_streamed(prepared, config):
        is_raw = prepared.encoding == "raw"
        make = functools.partial(
            streamed_batches,
            prepared,
            _SPLIT,
            # Both sides read the same shards.
            runs_of(prepared, _SPLIT),
            shuffle_buffer=config.shuffle_buffer,
            decode=functools.partial(_decode, prepared) if is_raw else None,
        )
    else:
        try:
            records = load_records(prepared, _SPLIT)
        except DATA_ERRORS as error:
            raise describe_data_error(error, prepared) from error
        make = functools.partial(indexed_batches, records)
    return [
        (side, make(batch_size=batch_size, seed=seed, side=side, start=start))
        for side in sides
    ]


def _decode(prepared: PreparedData, records: tf.Tensor) -> dict[str, tf.Tensor]:
    return decode_records(records, ("image", "label"), prepared)


def _finished(
    prepared: PreparedData,
    config: DataConfig,
    batch_size: int,
    seed: int,
    side: str,
    start: int,
    batches: tf.data.Dataset,
) -> tf.data.Dataset:
    """One side's batches, decoded, flipped and scaled."""

    def finish(
        examples: tf.Tensor | dict[str, tf.Tensor],
        flips: tf.Tensor | None = None,
    ) -> dict[str, tf.Tensor]:
        if not isinstance(examples, dict):
            examples = _decode(prepared, examples)
        images = examples["image"]
        if flips is not None:
            images = mirror(images, flips)
        return {"image": to_signed(images), "label": examples["label"]}

    if config.flip:
        length = prepared.num_examples[_SPLIT]
        coins = flip_batches(length, batch_size, seed, side, start)
        batches = tf.data.Dataset.zip(batches, coins)
    return batches.map(
        finish, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )


def _options() -> tf.data.Options:
    options = tf.data.Options()
    options.deterministic = True
    # Workers take their parts of each batch; files are never split.
    options.experimental_distribute.auto_shard_policy = (
        tf.data.experimental.AutoShardPolicy.DATA
    )
    return options
