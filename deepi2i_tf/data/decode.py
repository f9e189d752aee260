"""Encoded records -> images, labels, ids, poses and pairs.

The records are `tf.train.Example`s as TFDS writes them. Photos of any size
become RGB squares of one size while they are read, as `data_prep` does it to
photos before training: the centre square of the short edge is kept (or as
`PreparedData.fit` says) and resized, and what is transparent is laid on white.
But a photo is not turned
as its EXIF block says, since TFDS does not turn it either.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence

import tensorflow as tf

from deepi2i_tf.data.image_geometry import fit_square
from deepi2i_tf.data.photo_formats import (
    decode_jpeg,
    decode_png,
    lay_on_white,
)
from deepi2i_tf.data.prepared.prepared_data import PreparedData
from deepi2i_tf.utils.fit import CROP, Fit

# Records that are parsed at once where only labels are read.
CHUNK = 1024
# The pair of an image that has no other of its kind, in sets with pairs.
NO_PAIR = -1
_PARSED = {
    "image": tf.io.FixedLenFeature((), tf.string),
    "label": tf.io.FixedLenFeature((), tf.int64),
    "id": tf.io.FixedLenFeature((), tf.string),
    # x, y, scale, roll, yaw; only drawn sets know it.
    "pose": tf.io.FixedLenFeature((5,), tf.float32),
    # Training images of a drawn set have none.
    "pair": tf.io.FixedLenFeature((), tf.int64, default_value=NO_PAIR),
}
FEATURES = tuple(_PARSED)
_SAME_NAMES: Mapping[str, str] = {}


def parse_records(
    records: tf.Tensor,
    features: Iterable[str],
    stored_names: Mapping[str, str] = _SAME_NAMES,
) -> dict[str, tf.Tensor]:
    """Takes features out of a batch of records; images stay encoded.

    Args:
        records: string, (batch,).
        features: names out of `FEATURES`; others are left alone.
        stored_names: what records call them, where that is another name.

    Returns:
        The requested ones that are known: image string (batch,), label int32
        (batch,), id string (batch,), pose float32 (batch, 5), pair int64
        (batch,), `NO_PAIR` where a record has none.
    """
    requested = [name for name in FEATURES if name in features]
    called = {name: stored_names.get(name, name) for name in requested}
    found = tf.io.parse_example(
        records, {called[name]: _PARSED[name] for name in requested}
    )
    parsed = {name: found[called[name]] for name in requested}
    if "label" in parsed:
        parsed["label"] = tf.cast(parsed["label"], tf.int32)
    return parsed


def read_labels(
    files: Sequence[str], stored_names: Mapping[str, str], chunk: int = CHUNK
) -> tf.data.Dataset:
    """The stored labels of all records of some shards, int32 (chunk,)."""
    return (
        tf.data.TFRecordDataset(files)
        .batch(chunk)
        .map(
            lambda batch: parse_records(batch, ("label",), stored_names)[
                "label"
            ],
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
    )


def decode_records(
    records: tf.Tensor, features: Iterable[str], prepared: PreparedData
) -> dict[str, tf.Tensor]:
    """Parses a batch of records of a data set and decodes their images.

    Args:
        records: string, (batch,).
        features: names out of `FEATURES`; others are left alone.
        prepared: the data set, which knows how images are stored.

    Returns:
        As `parse_records`, with image uint8 (batch, R, R, 3), RGB.
    """
    examples = parse_records(records, features, prepared.stored_names)
    if "label" in examples and prepared.label_of:
        table = tf.constant(prepared.label_of)
        examples["label"] = tf.gather(table, examples["label"])
    if "image" in examples:
        examples["image"] = decode_images(
            examples["image"],
            prepared.encoding,
            prepared.resolution,
            prepared.fit,
        )
    return examples


def decode_images(
    stored: tf.Tensor, encoding: str, resolution: int, fit: Fit = CROP
) -> tf.Tensor:
    """Decodes images; photos are brought to one size, others have it.

    Args:
        stored: string, (batch,).
        encoding: `"raw"`, `"png"`, `"jpeg"` or `"photo"`.
        resolution: height and width, in pixels.
        fit: how photos become squares.

    Returns:
        uint8, (batch, resolution, resolution, 3), RGB.

    Raises:
        tf.errors.InvalidArgumentError: not an image, or of another size.
    """
    shape = (resolution, resolution, 3)
    if encoding == "raw":
        pixels = tf.io.decode_raw(stored, tf.uint8)
        return tf.reshape(pixels, (tf.shape(stored)[0], *shape))
    decode = {
        # Reads JPEG as well.
        "png": functools.partial(tf.io.decode_png, channels=3),
        "jpeg": decode_jpeg,
        "photo": functools.partial(
            decode_photo, resolution=resolution, fit=fit
        ),
    }[encoding]
    # One loop over the batch costs a quarter of one tf.data element each.
    return tf.map_fn(
        decode,
        stored,
        fn_output_signature=tf.TensorSpec(shape, tf.uint8),
    )


def decode_photo(
    stored: tf.Tensor, resolution: int, fit: Fit = CROP
) -> tf.Tensor:
    """Decodes one photo and fits it into a square.

    Args:
        stored: string, (), PNG or JPEG of 1 to 4 channels.
        resolution: height and width of the result, in pixels.
        fit: the way.

    Returns:
        uint8, (resolution, resolution, 3), RGB.

    Raises:
        tf.errors.InvalidArgumentError: neither PNG nor JPEG, or damaged.
    """
    photo = tf.cond(
        tf.io.is_jpeg(stored),
        lambda: decode_jpeg(stored),
        lambda: lay_on_white(decode_png(stored)),
    )
    return tf.cast(fit_square(photo, resolution, fit), tf.uint8)
