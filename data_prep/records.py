"""Reads prepared shards back, for checks and contact sheets."""

import io
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

from data_prep.errors import Refusal


def read_examples(
    folder: pathlib.Path, manifest: dict[str, Any], split: str
) -> Iterator[tf.train.Example]:
    """Yields the examples of a split in stored order.

    Args:
        folder: of the shards.
        manifest: as read by `manifest.read_manifest`.
        split: `"train"` or `"test"`.

    Raises:
        Refusal: a shard is damaged.
    """
    for shard in manifest["splits"][split]["shards"]:
        path = folder / shard["file"]
        try:
            for record in tf.data.TFRecordDataset(str(path)):
                yield tf.train.Example.FromString(record.numpy())
        except tf.errors.OpError as error:
            raise Refusal(
                f"Expected {path} to hold whole records. Received: "
                f"{type(error).__name__}. Remove {folder} and prepare it again."
            ) from None


def label_of(example: tf.train.Example) -> int:
    """Returns the label of an example."""
    return example.features.feature["label"].int64_list.value[0]


def image_of(example: tf.train.Example) -> np.ndarray:
    """Returns the picture of an example, uint8 (height, width, 3)."""
    encoded = example.features.feature["image"].bytes_list.value[0]
    return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))
