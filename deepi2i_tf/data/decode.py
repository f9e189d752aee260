"""Encoded records -> images, labels, ids and poses.

The records are `tf.train.Example`s as TFDS writes them; reading them by
feature name spares the import of tensorflow_datasets, which takes seconds.
"""

from collections.abc import Iterable

import tensorflow as tf

from deepi2i_tf.data.prepared import PreparedData

_PARSED = {
    "image": tf.io.FixedLenFeature((), tf.string),
    "label": tf.io.FixedLenFeature((), tf.int64),
    "id": tf.io.FixedLenFeature((), tf.string),
    # x, y, scale, roll, yaw; only drawn sets know it.
    "pose": tf.io.FixedLenFeature((5,), tf.float32),
}
FEATURES = tuple(_PARSED)


def parse_records(
    records: tf.Tensor, features: Iterable[str]
) -> dict[str, tf.Tensor]:
    """Takes features out of a batch of records; images stay encoded.

    Args:
        records: string, (batch,).
        features: names out of `FEATURES`; others are left alone.

    Returns:
        Those asked for and known: image string (batch,), label int32
        (batch,), id string (batch,), pose float32 (batch, 5).
    """
    asked = {name: _PARSED[name] for name in FEATURES if name in features}
    parsed = tf.io.parse_example(records, asked)
    if "label" in parsed:
        parsed["label"] = tf.cast(parsed["label"], tf.int32)
    return parsed


def decode_images(
    stored: tf.Tensor, encoding: str, resolution: int
) -> tf.Tensor:
    """Decodes images of one size.

    Args:
        stored: string, (batch,).
        encoding: `"raw"`, `"png"` or `"jpeg"`.
        resolution: height and width, in pixels.

    Returns:
        uint8, (batch, resolution, resolution, 3), RGB.

    Raises:
        tf.errors.InvalidArgumentError: not an image, or of another size.
    """
    shape = (resolution, resolution, 3)
    if encoding == "raw":
        pixels = tf.io.decode_raw(stored, tf.uint8)
        return tf.reshape(pixels, (tf.shape(stored)[0], *shape))
    # One loop over the batch costs a quarter of one tf.data element each.
    return tf.map_fn(
        # Reads JPEG as well.
        lambda image: tf.io.decode_png(image, channels=3),
        stored,
        fn_output_signature=tf.TensorSpec(shape, tf.uint8),
    )


def decode_records(
    records: tf.Tensor, features: Iterable[str], prepared: PreparedData
) -> dict[str, tf.Tensor]:
    """Parses a batch of records and decodes their images.

    Args:
        records: string, (batch,).
        features: names out of `FEATURES`; others are left alone.
        prepared: the data set, which knows how images are stored.

    Returns:
        As `parse_records`, with image uint8 (batch, R, R, 3), RGB.
    """
    examples = parse_records(records, features)
    if "image" in examples:
        examples["image"] = decode_images(
            examples["image"], prepared.encoding, prepared.resolution
        )
    return examples
