"""Which shard is it? From TensorFlow's read errors to a sentence."""

import dataclasses
import os

import tensorflow as tf

from deepi2i_tf.data.decode import decode_records
from deepi2i_tf.data.prepared import (
    SPLITS,
    PreparedData,
    Shard,
    damaged,
    size_problem,
)
from deepi2i_tf.utils.errors import UserError

# What reading raises where a shard is damaged or has vanished, or where a
# record holds no image of a known format.
DATA_ERRORS = (
    tf.errors.DataLossError,
    tf.errors.NotFoundError,
    tf.errors.InvalidArgumentError,
)

_CHUNK = 64


def describe_data_error(error: Exception, prepared: PreparedData) -> UserError:
    """Finds the shard that made reading fail, by reading all of them again.

    Args:
        error: one of `DATA_ERRORS`, from a data set of this package.
        prepared: the data set that was read.

    Returns:
        An exception to be raised; it names the shard and the remedy, or,
        where every shard reads well now, the error.
    """
    found = find_damage(prepared)
    if found is not None:
        return found
    reason = str(error).strip().splitlines() or [type(error).__name__]
    return UserError(
        f"Expected to read {prepared.path} without an error. Received: "
        f"{reason[0]} Check the disk, and run again with --verify_data."
    )


def find_damage(prepared: PreparedData) -> UserError | None:
    """Reads and decodes every record until one cannot be.

    Args:
        prepared: the data set.

    Returns:
        The refusal of the first damaged shard, not raised; None where all
        are intact.
    """
    if prepared.label_of:  # Shards hold records of all classes.
        names = ("",) * len(prepared.label_of)
        prepared = dataclasses.replace(
            prepared, class_names=names, label_of=()
        )
    # Splits may share their shards.
    shards = {
        shard.file: shard
        for split in SPLITS
        for shard in prepared.shards[split]
    }
    for shard in shards.values():
        problem = size_problem(prepared, shard)
        problem = problem or _record_problem(prepared, shard)
        if problem:
            return damaged(prepared, shard, problem)
    return None


def _record_problem(prepared: PreparedData, shard: Shard) -> str:
    records = tf.data.TFRecordDataset(os.path.join(prepared.path, shard.file))
    intact = 0
    try:
        for _ in records:
            intact += 1
    except DATA_ERRORS:
        return f"a damaged record after {intact} intact ones"
    if intact != shard.num_examples:
        return f"{intact} images"
    decoded = records.batch(_CHUNK).map(
        lambda batch: decode_records(batch, prepared.features, prepared),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    read = 0
    try:
        for examples in decoded:
            read += _CHUNK
            labels = examples["label"].numpy()
            if not 0 <= labels.min() <= labels.max() < prepared.num_classes:
                return (
                    f"labels from {labels.min()} to {labels.max()}, not from "
                    f"0 to {prepared.num_classes - 1}"
                )
    except tf.errors.InvalidArgumentError:
        last = min(read + _CHUNK, intact) - 1
        return f"{_no_image(prepared)}, among its images {read} to {last}"
    return ""


def _no_image(prepared: PreparedData) -> str:
    if prepared.encoding == "photo":
        return "an image that cannot be decoded as PNG or JPEG"
    return "an image that cannot be decoded, or is of another size"
