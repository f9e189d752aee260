"""What is done to training images: the mirror flip, and the range [-1, 1]."""

import tensorflow as tf

from deepi2i_tf.data.order import coin_flips, endless, stream_key


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

    def epoch_of(epoch: tf.Tensor) -> tf.data.Dataset:
        return tf.data.Dataset.from_tensor_slices(
            coin_flips(key, epoch, length)
        )

    coins = endless(epoch_of, length, start)
    return coins.batch(batch_size, drop_remainder=True)


def mirror(images: tf.Tensor, flips: tf.Tensor) -> tf.Tensor:
    """Mirrors some images of a batch left to right.

    Args:
        images: any dtype, (batch, height, width, channels).
        flips: bool, (batch,).

    Returns:
        As `images`.
    """
    return tf.where(flips[:, None, None, None], images[:, :, ::-1], images)


def to_signed(images: tf.Tensor) -> tf.Tensor:
    """Scales images to the range of the networks: x / 127.5 - 1.

    Args:
        images: uint8, any shape.

    Returns:
        float32, same shape, in [-1, 1].
    """
    return tf.cast(images, tf.float32) / 127.5 - 1.0
