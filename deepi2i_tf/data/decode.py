"""Encoded records -> images, labels, ids and poses.

The records are `tf.train.Example`s as TFDS writes them. Photos of any size
become RGB squares of one size while they are read, as `data_prep` does it to
photos before training: the centre square of the short edge is kept and
resized, and what is transparent is laid on white. But a photo is not turned
as its EXIF block says, since TFDS does not turn it either.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence

import tensorflow as tf

from deepi2i_tf.data.image_geometry import fit_square, round_to_levels
from deepi2i_tf.data.prepared.prepared_data import PreparedData

# Records that are parsed at once where only labels are read.
CHUNK = 1024
_PARSED = {
    "image": tf.io.FixedLenFeature((), tf.string),
    "label": tf.io.FixedLenFeature((), tf.int64),
    "id": tf.io.FixedLenFeature((), tf.string),
    # x, y, scale, roll, yaw; only drawn sets know it.
    "pose": tf.io.FixedLenFeature((5,), tf.float32),
}
FEATURES = tuple(_PARSED)
_SAME_NAMES: Mapping[str, str] = {}
_PNG = b"\x89PNG\r\n\x1a\n"


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
        (batch,), id string (batch,), pose float32 (batch, 5).
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
            examples["image"], prepared.encoding, prepared.resolution
        )
    return examples


def decode_images(
    stored: tf.Tensor, encoding: str, resolution: int
) -> tf.Tensor:
    """Decodes images; photos are brought to one size, others have it.

    Args:
        stored: string, (batch,).
        encoding: `"raw"`, `"png"`, `"jpeg"` or `"photo"`.
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
    decode = {
        # Reads JPEG as well.
        "png": functools.partial(tf.io.decode_png, channels=3),
        "jpeg": _decode_jpeg,
        "photo": functools.partial(decode_photo, resolution=resolution),
    }[encoding]
    # One loop over the batch costs a quarter of one tf.data element each.
    return tf.map_fn(
        decode,
        stored,
        fn_output_signature=tf.TensorSpec(shape, tf.uint8),
    )


def decode_photo(stored: tf.Tensor, resolution: int) -> tf.Tensor:
    """Decodes one photo and fits it into a square.

    Args:
        stored: string, (), PNG or JPEG of 1 to 4 channels.
        resolution: height and width of the result, in pixels.

    Returns:
        uint8, (resolution, resolution, 3), RGB.

    Raises:
        tf.errors.InvalidArgumentError: neither PNG nor JPEG, or damaged.
    """
    photo = tf.cond(
        tf.io.is_jpeg(stored),
        lambda: _decode_jpeg(stored),
        lambda: _lay_on_white(_decode_png(stored)),
    )
    return tf.cast(fit_square(photo, resolution), tf.uint8)


def _decode_jpeg(stored: tf.Tensor) -> tf.Tensor:
    """Decodes one JPEG to the pixels that Pillow gives.

    TensorFlow's default is a cruder transform, 0.8 of 255 away in the mean
    and not faster.
    """
    return tf.io.decode_jpeg(stored, channels=3, dct_method="INTEGER_ACCURATE")


def _decode_png(stored: tf.Tensor) -> tf.Tensor:
    """Decodes a PNG of 1 to 4 channels to RGB and alpha.

    If asked for four channels, TensorFlow makes palettes and pictures of one
    bit transparent; it gives the right ones when it is not asked.
    """
    # Other formats would be read too, some of them wrongly, and a moving WebP
    # would abort the process; nothing at all is the error that is wanted.
    is_png = tf.equal(tf.strings.substr(stored, 0, len(_PNG)), _PNG)
    pixels = tf.io.decode_png(tf.where(is_png, stored, ""), channels=0)
    height, width, channels = tf.unstack(tf.shape(pixels))
    num_colours = channels - (channels + 1) % 2
    colours = tf.broadcast_to(pixels[:, :, :num_colours], (height, width, 3))
    opaque = tf.fill((height, width, 1), tf.constant(255, tf.uint8))
    # Behind the colours stands their alpha, or what was put there for it.
    rest = tf.concat((pixels, opaque), axis=-1)[:, :, num_colours:]
    return tf.concat((colours, rest[:, :, :1]), axis=-1)


def _lay_on_white(photo: tf.Tensor) -> tf.Tensor:
    """Removes the alpha channel; white shows where it was transparent."""
    colour, alpha = tf.split(tf.cast(photo, tf.float32), (3, 1), axis=-1)
    on_white = 255.0 - (255.0 - colour) * (alpha / 255.0)
    return tf.cast(round_to_levels(on_white), tf.uint8)
