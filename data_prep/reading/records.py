"""Prepared records: bytes that depend on their content alone, read back.

A record is a protocol buffer with a map from feature names to values. TFDS
writes the map in an order that changes from process to process, so that
preparing the same pictures twice would give other bytes and other checksums.
"""

import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from data_prep.pictures.encoding import decode
from deepi2i_tf.utils.errors import UserError


def sorted_record(record: bytes) -> bytes:
    """Returns the same record with its features in the order of their names."""
    example = tf.train.Example.FromString(record)
    return example.SerializeToString(deterministic=True)


def read_examples(
    folder: pathlib.Path, manifest: dict[str, Any], split: str
) -> Iterator[tf.train.Example]:
    """Yields the examples of a split in stored order.

    Raises:
        UserError: a shard is damaged.
    """
    for shard in manifest["splits"][split]["shards"]:
        path = folder / shard["file"]
        try:
            for record in tf.data.TFRecordDataset(str(path)):
                yield tf.train.Example.FromString(record.numpy())
        except tf.errors.OpError as error:
            raise UserError(
                f"Expected {path} to hold whole records. Received: "
                f"{type(error).__name__}. Remove {folder} and prepare it again."
            ) from None


def label_of(example: tf.train.Example) -> int:
    """Returns the label of an example."""
    return example.features.feature["label"].int64_list.value[0]


def image_of(example: tf.train.Example, manifest: dict[str, Any]) -> np.ndarray:
    """Returns the picture of an example, uint8 (R, R, 3)."""
    stored = example.features.feature["image"].bytes_list.value[0]
    # Sets from before the encoding could be chosen are PNG and do not say so.
    encoding = manifest.get("encoding", "png")
    return decode(stored, encoding, manifest["resolution"])
