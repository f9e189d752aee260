"""The bytes of a file inside TensorFlow graphs: to compare and to count."""

import tensorflow as tf

# What may be looked at beyond the end of a file.
PADDING = 64


def padded_bytes(stored: tf.Tensor) -> tf.Tensor:
    """The bytes of a string, and zeros behind them, uint8 (bytes,)."""
    zeros = tf.zeros((PADDING,), tf.uint8)
    return tf.concat((tf.io.decode_raw(stored, tf.uint8), zeros), axis=0)


def has(data: tf.Tensor, at: tf.Tensor | int, expected: bytes) -> tf.Tensor:
    """Whether these bytes stand at a place within `padded_bytes`."""
    found = data[at : at + len(expected)]
    return tf.reduce_all(found == tf.constant(list(expected), tf.uint8))


def whole_number(
    digits: tf.Tensor, big_endian: tf.Tensor | bool = False
) -> tf.Tensor:
    """The unsigned numbers that the last axis spells in up to 7 bytes.

    Args:
        digits: uint8, (..., bytes).
        big_endian: whether the first byte weighs most; bool ().

    Returns:
        int64, (...).
    """
    wide = tf.cast(digits, tf.int64)
    wide = tf.where(big_endian, wide, wide[..., ::-1])
    places = tf.range(tf.shape(wide)[-1] - 1, -1, -1)
    shifts = tf.cast(8 * places, tf.int64)
    return tf.reduce_sum(tf.bitwise.left_shift(wide, shifts), axis=-1)
