"""Image geometry inside TensorFlow graphs: centre square, resize, range.

The same for photos that training reads and for those that an exported model
is given. `utils/image_geometry` does it to NumPy arrays; a test holds one
against the other: this resizing rounds once, Pillow's twice.
"""

import tensorflow as tf


def fit_square(image: tf.Tensor, resolution: int) -> tf.Tensor:
    """Cuts out the centre square and resizes it, bicubic and antialiased.

    Args:
        image: uint8, (height, width, 3).
        resolution: height and width of the result, in pixels.

    Returns:
        float32, (resolution, resolution, 3), whole numbers in [0, 255].
    """
    height, width = tf.unstack(tf.shape(image)[:2])
    size = tf.minimum(height, width)
    top, left = (height - size) // 2, (width - size) // 2
    resized = tf.image.resize(
        image[top : top + size, left : left + size],
        (resolution, resolution),
        method=tf.image.ResizeMethod.BICUBIC,
        antialias=True,
    )
    return round_to_levels(resized)


def round_to_levels(pixels: tf.Tensor) -> tf.Tensor:
    """Rounds to whole numbers in [0, 255]; bicubic weights overshoot."""
    return tf.clip_by_value(tf.round(pixels), 0.0, 255.0)


def to_signed(images: tf.Tensor) -> tf.Tensor:
    """Scales uint8 to the range of the networks: x * 2 / 255 - 1, float32."""
    # In one pass; a cast, a quotient and a difference are three.
    levels = tf.bitcast(images, tf.quint8)
    return tf.quantization.dequantize(levels, -1.0, 1.0)
