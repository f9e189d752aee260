"""Sums of gradients and logs over micro-batches, one after the other."""

import contextlib

import tensorflow as tf


class GradientSum:
    """Adds up what several micro-batches give.

    Attributes:
        gradients: (nested) list of the summed gradients.
        logs: the summed logs.
    """

    def __init__(self) -> None:
        self.gradients = None
        self.logs = {}

    def turn(self) -> contextlib.AbstractContextManager:
        """A context whose operations begin when all so far is summed.

        TensorFlow begins whatever has its inputs: without it all micro-batches
        at once, with the maps of all of them in memory, which is what cutting
        a batch is to save.
        """
        if tf.executing_eagerly() or self.gradients is None:
            return contextlib.nullcontext()
        with tf.control_dependencies(tf.nest.flatten(self.gradients)):
            summed = tf.no_op()
        return tf.control_dependencies([summed])

    def add(self, gradients: list, logs: dict[str, tf.Tensor]) -> None:
        """Adds one micro-batch.

        Args:
            gradients: (nested) list of tensors.
            logs: scalars by name.
        """
        if self.gradients is None:
            self.gradients, self.logs = gradients, dict(logs)
            return
        self.gradients = tf.nest.map_structure(
            tf.add, self.gradients, gradients
        )
        self.logs = {key: self.logs[key] + logs[key] for key in logs}
