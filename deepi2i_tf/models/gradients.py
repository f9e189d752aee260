"""Sums of gradients and logs over micro-batches."""

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
