"""What is done to training images: the mirror flip, and the range [-1, 1]."""

import tensorflow as tf

from deepi2i_tf.data.order import random_mask, repeat_epochs, stream_key


def flip_batches(
    length: int, batch_size: int, seed: int, side: str, start: int
) -> tf.data.Dataset:
    """Endless batches of coins: is this image mirrored?

    Args:
        length: images of an epoch.
        batch_size: coins of a batch.
        seed: seed of the run.
        side: `"source"` or `"target"`.
        start: index of the first image.

    Returns:
        An infinite data set of bool, (batch_size,); the coin of an image
        depends on the seed, the side and the image's index alone.
    """
    key = stream_key(seed, f"{side} flip")

    def epoch_of(epoch: tf.Tensor, passed: tf.Tensor) -> tf.data.Dataset:
        coins = random_mask(key, epoch, length)
        return tf.data.Dataset.from_tensors(coins[passed:])

    coins = repeat_epochs(epoch_of, length, start)
    return coins.rebatch(batch_size, drop_remainder=True)


def mirror(images: tf.Tensor, flips: tf.Tensor) -> tf.Tensor:
    """Mirrors some images of a batch left to right.

    Args:
        images: any dtype, (batch, height, width, channels).
        flips: bool, (batch,).

    Returns:
        As `images`.
    """
    kept, turned = (
        tf.cast(tf.where(chosen)[:, 0], tf.int32) for chosen in (~flips, flips)
    )
    mirrored = tf.dynamic_stitch(
        [kept, turned],
        [tf.gather(images, kept), _reversed(tf.gather(images, turned))],
    )
    return tf.ensure_shape(mirrored, images.shape)


def _reversed(images: tf.Tensor) -> tf.Tensor:
    """All images mirrored; a twentieth of the time of `images[:, :, ::-1]`.

    TensorFlow reverses rows of pixels in one go only where there is one axis
    before them.
    """
    shape = tf.shape(images)
    rows = tf.reshape(images, (-1, *images.shape[2:]))
    return tf.reshape(tf.reverse(rows, [1]), shape)


def to_signed(images: tf.Tensor) -> tf.Tensor:
    """Scales images to the range of the networks: x * 2 / 255 - 1.

    Args:
        images: uint8, any shape.

    Returns:
        float32, same shape, in [-1, 1].
    """
    # In one pass; a cast, a quotient and a difference are three.
    levels = tf.bitcast(images, tf.quint8)
    return tf.quantization.dequantize(levels, -1.0, 1.0)
