"""Stored photos of any size -> RGB squares of one size.

What `data_prep` does to photos before training, done while they are read: the
centre square of the short side is kept and resized by an antialiased bicubic
filter, and what is transparent is laid on white. Two things differ. A photo is
not turned as its EXIF block says, since TFDS does not turn it either; and the
resizing rounds once, Pillow's twice.
"""

import tensorflow as tf

_PNG = b"\x89PNG\r\n\x1a\n"


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
        lambda: decode_jpeg(stored),
        lambda: lay_on_white(decode_png(stored)),
    )
    return fit(photo, resolution)


def decode_jpeg(stored: tf.Tensor) -> tf.Tensor:
    """Decodes one JPEG to the pixels that Pillow gives.

    TensorFlow's default is a cruder transform, 0.8 of 255 away in the mean
    and not faster.

    Args:
        stored: string, ().

    Returns:
        uint8, (height, width, 3), RGB.
    """
    return tf.io.decode_jpeg(stored, channels=3, dct_method="INTEGER_ACCURATE")


def decode_png(stored: tf.Tensor) -> tf.Tensor:
    """Decodes a PNG of 1 to 4 channels to RGB and alpha.

    Asked for four channels, TensorFlow makes palettes and pictures of one bit
    transparent; it gives the right ones when it is not asked.

    Args:
        stored: string, ().

    Returns:
        uint8, (height, width, 4).

    Raises:
        tf.errors.InvalidArgumentError: no PNG, or a damaged one.
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


def lay_on_white(photo: tf.Tensor) -> tf.Tensor:
    """Takes the alpha channel away; white shows where it was transparent.

    Args:
        photo: uint8, (height, width, 4), RGB and alpha.

    Returns:
        uint8, (height, width, 3), RGB.
    """
    colour, alpha = tf.split(tf.cast(photo, tf.float32), (3, 1), axis=-1)
    return _to_uint8(255.0 - (255.0 - colour) * (alpha / 255.0))


def fit(photo: tf.Tensor, resolution: int) -> tf.Tensor:
    """Cuts a photo to its centre square and resizes that.

    Args:
        photo: uint8, (height, width, 3).
        resolution: height and width of the result, in pixels.

    Returns:
        uint8, (resolution, resolution, 3).
    """
    height, width = tf.unstack(tf.shape(photo)[:2])
    side = tf.minimum(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = photo[top : top + side, left : left + side]
    resized = tf.image.resize(
        square,
        (resolution, resolution),
        method=tf.image.ResizeMethod.BICUBIC,
        antialias=True,
    )
    return _to_uint8(resized)


def _to_uint8(pixels: tf.Tensor) -> tf.Tensor:
    # Bicubic weights overshoot beside edges.
    whole = tf.round(tf.cast(pixels, tf.float32))
    return tf.cast(tf.clip_by_value(whole, 0.0, 255.0), tf.uint8)
