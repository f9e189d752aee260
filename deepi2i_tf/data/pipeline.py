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
from collections.abc import Callable, Collection, Sequence

import tensorflow as tf

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data.augment import flip_masks, mirror
from deepi2i_tf.data.decode import decode_records
from deepi2i_tf.data.image_geometry import to_signed
from deepi2i_tf.data.order import Stream
from deepi2i_tf.data.prepared.integrity import DATA_ERRORS, describe_data_error
from deepi2i_tf.data.prepared.prepared_data import PreparedData
from deepi2i_tf.data.prepared.shard_fingerprints import ShardWatch
from deepi2i_tf.data.prepared.split_membership import split_records
from deepi2i_tf.data.record_blocks import find_blocks
from deepi2i_tf.data.records import (
    MEMORY_LIMIT,
    indexed_batches,
    load_records,
    streamed_batches,
)

_SPLIT = "train"
SIDES = ("source", "target")


def read_split(
    prepared: PreparedData,
    split: str,
    start: int = 0,
    features: Collection[str] = (),
) -> tf.data.Dataset:
    """The examples of a split in stored order, once.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.
        start: number of examples to pass over, undecoded.
        features: those that are wanted; empty takes all.

    Returns:
        A data set of {"image": uint8 (R, R, 3), "label": int32 (), "id":
        string (), and "pose": float32 (5,) and "pair": int64 () where the
        data set has them}. A damaged record ends it with one of `DATA_ERRORS`.
    """
    batches = split_records(prepared, split).skip(start).batch(64)
    examples = batches.map(
        lambda records: decode_records(
            records, features or prepared.features, prepared
        ),
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
    """Infinite dataset of (source, target) pairs of the training split.

    Sources and targets are two independent shuffles of the split; the same
    image or class may meet itself by chance. A split of up to `MEMORY_LIMIT`
    encoded bytes, or any with `config.cache`, is read into memory at once;
    others are streamed, in another order.

    Args:
        prepared: the data set.
        config: says whether to flip and to cache, and how much to shuffle.
        batch_size: pairs of a batch, over all replicas; may exceed the split.
        seed: seed of the run, any integer >= 0.
        start_step: number of batches to pass over, at little cost.
        sides: which of `SIDES` are read; a side alone is what it is in pairs.

    Returns:
        Batches of {"source", "target": float32 (batch_size, R, R, 3), in
        [-1, 1]; "source_label", "target_label": int32 (batch_size,)}, of what
        `sides` names.

    Raises:
        UserError: a damaged shard, when the split is read at once.
    """
    start = start_step * batch_size
    shuffled_batches = _reader(prepared, config)
    finished = {}
    for side in sides:
        stream = Stream(side, batch_size, seed, start)
        batches = shuffled_batches(stream=stream)
        finished[side] = _finish(prepared, config.flip, stream, batches)
    batches = tf.data.Dataset.zip(finished).map(_join)
    return batches.prefetch(tf.data.AUTOTUNE).with_options(_options())


def watch_shards(
    prepared: PreparedData, config: DataConfig
) -> ShardWatch | None:
    """Watches the shards that `training_batches` goes on reading.

    There are none where it reads the split into memory at once.
    """
    streamed = _is_streamed(prepared, config)
    return ShardWatch(prepared, _SPLIT) if streamed else None


def _is_streamed(prepared: PreparedData, config: DataConfig) -> bool:
    return not config.cache and prepared.num_bytes(_SPLIT) > MEMORY_LIMIT


def _reader(
    prepared: PreparedData, config: DataConfig
) -> Callable[..., tf.data.Dataset]:
    """Stream -> shuffled batches, of records or of decoded examples."""
    if _is_streamed(prepared, config):
        is_raw = prepared.encoding == "raw"
        return functools.partial(
            streamed_batches,
            # Both sides read the same shards.
            find_blocks(prepared, _SPLIT),
            shuffle_buffer=config.shuffle_buffer,
            decode=functools.partial(_decode, prepared) if is_raw else None,
        )
    try:
        records = load_records(prepared, _SPLIT)
    except DATA_ERRORS as error:
        raise describe_data_error(error, prepared) from error
    return functools.partial(indexed_batches, records)


def _decode(prepared: PreparedData, records: tf.Tensor) -> dict[str, tf.Tensor]:
    return decode_records(records, ("image", "label"), prepared)


def _finish(
    prepared: PreparedData, flip: bool, stream: Stream, batches: tf.data.Dataset
) -> tf.data.Dataset:
    """One side's batches, decoded, flipped and scaled."""

    def finish(
        examples: tf.Tensor | dict[str, tf.Tensor],
        mask: tf.Tensor | None = None,
    ) -> dict[str, tf.Tensor]:
        if not isinstance(examples, dict):
            examples = _decode(prepared, examples)
        images = examples["image"]
        if mask is not None:
            images = mirror(images, mask)
        return {"image": to_signed(images), "label": examples["label"]}

    if flip:
        masks = flip_masks(prepared.num_examples[_SPLIT], stream)
        batches = tf.data.Dataset.zip(batches, masks)
    return batches.map(
        finish, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )


def _join(sides: dict[str, dict[str, tf.Tensor]]) -> dict[str, tf.Tensor]:
    images = {side: part["image"] for side, part in sides.items()}
    labels = {f"{side}_label": part["label"] for side, part in sides.items()}
    return images | labels


def _options() -> tf.data.Options:
    options = tf.data.Options()
    options.deterministic = True
    # Workers take their parts of each batch; files are never split.
    options.experimental_distribute.auto_shard_policy = (
        tf.data.experimental.AutoShardPolicy.DATA
    )
    return options
