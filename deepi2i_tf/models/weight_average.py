"""Exponential moving averages of a model's weights.

    a <- d_t a + (1 - d_t) w,    d_t = min(decay, (1 + t) / (10 + t))

for trained weights; batch statistics and power-iteration vectors are copied,
since they already are averages, or belong to the weights they came from.
`tensorflow-addons`' MovingAverage left those at their first values.
"""

import keras
import tensorflow as tf


class WeightAverage:
    """Keeps a second model of the same architecture at the average of a first.

    `decay` is d, in [0, 1); without `warms_up` it is d_t in every step.
    """

    def __init__(
        self,
        source: keras.Model,
        averaged: keras.Model,
        decay: float,
        warms_up: bool = True,
    ) -> None:
        self.decay = decay
        self.warms_up = warms_up
        self._trained = list(
            zip(
                averaged.trainable_variables,
                source.trainable_variables,
                strict=True,
            )
        )
        self._copied = list(
            zip(
                averaged.non_trainable_variables,
                source.non_trainable_variables,
                strict=True,
            )
        )

    def reset(self) -> None:
        """Copies every weight."""
        for average, weight in self._trained + self._copied:
            average.assign(weight)

    def update(self, step) -> None:
        """Moves the averages after the update of the step `step` (from 0)."""
        decay = tf.constant(self.decay, tf.float32)
        if self.warms_up:
            step = tf.cast(step, tf.float32)
            decay = tf.minimum(decay, (1.0 + step) / (10.0 + step))
        alpha = 1.0 - decay
        for average, weight in self._trained:
            # a - (1 - d) (a - w), the last two operations in one pass.
            tf.raw_ops.ResourceApplyGradientDescent(
                var=average.value.handle,
                alpha=alpha,
                delta=average - weight,
            )
        for average, weight in self._copied:
            average.assign(weight)
