"""Which shard is it? From TensorFlow's read errors to a sentence."""

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
from deepi2i_tf.errors import Refusal

# What reading a damaged or vanished shard raises, and nothing else in a
# training step does.
DATA_ERRORS = (tf.errors.DataLossError, tf.errors.NotFoundError)


def describe_data_error(error: Exception, prepared: PreparedData) -> Refusal:
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
    return Refusal(
        f"Expected to read {prepared.path} without an error. Received: "
        f"{reason[0]} Check the disk, and run again with --verify_data."
    )


def find_damage(prepared: PreparedData) -> Refusal | None:
    """Reads and decodes every record until one cannot be.

    Args:
        prepared: the data set.

    Returns:
        The refusal of the first damaged shard, not raised; None where all
        are intact.
    """
    for split in SPLITS:
        for shard in prepared.shards[split]:
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
    decoded = records.batch(64).map(
        lambda batch: decode_records(batch, prepared.features, prepared)
    )
    try:
        for _ in decoded:
            pass
    except tf.errors.InvalidArgumentError:
        return "an image that cannot be decoded, or is of another size"
    return ""
