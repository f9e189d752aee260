"""What grows while training: weights of losses, and the class itself.

Class transition ("Collapse by Conditioning", arXiv 2201.06578): a small set is
first learned as one class, then class by class. With l(t) from 0 to 1:

    G's class row is l e_c
    L = L(<w, h> + b) + l L(<w, h> + b + <e_y, h>)
"""

import tensorflow as tf


def ramp(step: tf.Tensor, bounds: tuple[int, int]) -> tf.Tensor:
    """0 up to the first bound, 1 from the second on, float32.

    Args:
        step: int64 scalar, finished steps.
        bounds: two steps; equal ones make a switch.
    """
    begin, end = bounds
    if begin == end:
        return tf.cast(step >= begin, tf.float32)
    grown = tf.cast(step - begin, tf.float32) / (end - begin)
    return tf.clip_by_value(grown, 0.0, 1.0)


class ClassTransition:
    """How much of the class counts, and scores without it."""

    def __init__(
        self, discriminator, step: tf.Variable, bounds: tuple[int, int]
    ) -> None:
        self._discriminator = discriminator
        self._step, self._bounds = step, bounds

    @property
    def amount(self) -> tf.Tensor:
        """l(t), float32 scalar."""
        return ramp(self._step, self._bounds)

    def with_plain(self, loss, scores: tuple, features: dict):
        """Loss of the scores times l, plus that of those without class.

        Args:
            loss: of scores, to a tensor of terms.
            scores: tuple of tensors (batch, 1), which `loss` takes.
            features: of the discriminator, of the scores' images in a row.
        """
        plain = self._discriminator.score_without_class(features)
        plain = tf.split(plain, len(scores))
        return self.amount * loss(*scores) + loss(*plain)
