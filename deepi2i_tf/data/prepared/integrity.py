"""Checks the contents of shards; turns read errors into sentences."""

import dataclasses
import os

import tensorflow as tf

from deepi2i_tf.data.decode import decode_records
from deepi2i_tf.data.prepared.prepared_data import (
    SPLITS,
    PreparedData,
    Shard,
    shard_error,
    size_problem,
)
from deepi2i_tf.utils.atomic_files import sha256_of_file
from deepi2i_tf.utils.errors import UserError

# What reading raises where a shard is damaged or has vanished, or where a
# record holds no image of a known format.
DATA_ERRORS = (
    tf.errors.DataLossError,
    tf.errors.NotFoundError,
    tf.errors.InvalidArgumentError,
)

_CHUNK = 64


def verify(prepared: PreparedData) -> None:
    """Compares every shard's sha256 with the manifest; reads every byte.

    TFDS stores no checksums: every record of its sets is decoded.

    Raises:
        UserError: a shard differs from what was prepared, or cannot be decoded.
    """
    if prepared.encoding == "photo":
        damage = find_damage(prepared)
        if damage is not None:
            raise damage
        return
    for split in SPLITS:
        for shard in prepared.shards[split]:
            path = os.path.join(prepared.path, shard.file)
            sha256 = sha256_of_file(path)
            if sha256 != shard.sha256:
                raise shard_error(
                    prepared, shard, f"sha256 {sha256}, not {shard.sha256}"
                )


def describe_data_error(error: Exception, prepared: PreparedData) -> UserError:
    """The error to raise for one of `DATA_ERRORS`; reads all shards again.

    It names the first damaged shard and the fix, or, where every shard reads
    well now, the error.
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
    """Reads and decodes every record; the first damaged shard's error."""
    if prepared.label_of:  # Shards hold records of all classes.
        names = ("",) * len(prepared.label_of)
        prepared = dataclasses.replace(prepared, class_names=names, label_of=())
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
            return shard_error(prepared, shard, problem)
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
        how = ", or is of another size"
        if prepared.encoding == "photo":
            how = " as PNG or JPEG"
        return (
            f"an image that cannot be decoded{how}, among its images {read} "
            f"to {last}"
        )
    return ""
