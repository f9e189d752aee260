"""Image geometry inside TensorFlow graphs: fit, resize, range.

The same for photos that training reads and for those that an exported model
is given. `utils/image_geometry` does it to NumPy arrays; a test holds one
against the other: this resizing rounds once, Pillow's twice.
"""

import tensorflow as tf

from deepi2i_tf.utils.fit import Fit

_CROP = Fit()


def fit_square(
    image: tf.Tensor, resolution: int, fit: Fit = _CROP
) -> tf.Tensor:
    """Fits an image into a square, bicubic and antialiased.

    Args:
        image: uint8, (height, width, 3).
        resolution: height and width of the result, in pixels.
        fit: the way.

    Returns:
        float32, (resolution, resolution, 3), whole numbers in [0, 255].
    """
    if fit.way == "pad":
        return _padded(image, resolution, fit)
    if fit.way == "crop":
        height, width = tf.unstack(tf.shape(image)[:2])
        size = tf.minimum(height, width)
        top, left = (height - size) // 2, (width - size) // 2
        image = image[top : top + size, left : left + size]
    return _resized(image, (resolution, resolution))


def _padded(image: tf.Tensor, resolution: int, fit: Fit) -> tf.Tensor:
    size = tf.shape(image)[:2]
    longest = tf.reduce_max(size)
    size = tf.maximum(1, (2 * size * resolution + longest) // (2 * longest))
    before = (resolution - size) // 2
    after = resolution - size - before
    # What is padded with zeros is the distance from the background.
    background = tf.constant(fit.pad_color, tf.float32)
    padding = tf.concat((tf.stack((before, after), axis=1), [[0, 0]]), axis=0)
    square = tf.pad(_resized(image, size) - background, padding) + background
    return tf.ensure_shape(square, (resolution, resolution, 3))


def _resized(image: tf.Tensor, size: tf.Tensor | tuple[int, int]) -> tf.Tensor:
    resized = tf.image.resize(
        image, size, method=tf.image.ResizeMethod.BICUBIC, antialias=True
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
