"""Encoded pictures to tensors and back, inside an exported graph."""

import tensorflow as tf

from deepi2i_tf.data.image_geometry import fit_square


def read_images(image_bytes: tf.Tensor, resolution: int) -> tf.Tensor:
    """Decodes pictures of any sizes into one batch.

    Args:
        image_bytes: string, (batch,): JPEG, PNG, GIF (first frame) or BMP.
        resolution: side R of the result, in pixels.

    Returns:
        float32, (batch, R, R, 3), in [-1, 1].
    """
    return tf.map_fn(
        lambda encoded: _read_image(encoded, resolution),
        image_bytes,
        fn_output_signature=tf.TensorSpec(
            (resolution, resolution, 3), tf.float32
        ),
    )


def encode_png(images: tf.Tensor) -> tf.Tensor:
    """Encodes pictures as PNG.

    Args:
        images: float32, (batch, height, width, 3), in [-1, 1].

    Returns:
        string, (batch,).
    """
    steps = tf.cast(tf.round((images + 1.0) * 127.5), tf.uint8)
    return tf.io.encode_png(steps)


def _read_image(encoded: tf.Tensor, resolution: int) -> tf.Tensor:
    image = tf.io.decode_image(encoded, channels=3, expand_animations=False)
    image.set_shape((None, None, 3))
    return fit_square(image, resolution) / 127.5 - 1.0
