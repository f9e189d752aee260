"""Prepared TFRecords -> batches, a pure function of (seed, step)."""

from deepi2i_tf.data.arrays import load_arrays
from deepi2i_tf.data.decode import NO_PAIR
from deepi2i_tf.data.image_geometry import to_signed
from deepi2i_tf.data.pipeline import (
    read_split,
    training_batches,
    watch_shards,
)
from deepi2i_tf.data.prepared.class_subset import only_classes, without_classes
from deepi2i_tf.data.prepared.find import (
    check_num_classes,
    find_configured,
    find_prepared,
)
from deepi2i_tf.data.prepared.integrity import (
    DATA_ERRORS,
    describe_data_error,
    verify,
)
from deepi2i_tf.data.prepared.not_found_errors import prepare_command
from deepi2i_tf.data.prepared.prepared_data import PreparedData, Shard
from deepi2i_tf.data.prepared.shard_fingerprints import ShardWatch, ends_sha256

__all__ = [
    "DATA_ERRORS",
    "NO_PAIR",
    "PreparedData",
    "Shard",
    "ShardWatch",
    "check_num_classes",
    "describe_data_error",
    "ends_sha256",
    "find_configured",
    "find_prepared",
    "load_arrays",
    "only_classes",
    "prepare_command",
    "read_split",
    "to_signed",
    "training_batches",
    "verify",
    "watch_shards",
    "without_classes",
]
