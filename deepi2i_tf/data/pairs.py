"""Pairing: every source image is trained against an unrelated target image.

Sources and targets are two independent shuffles of the training split
(training.md); the same image or class may meet itself by chance.
"""

import tensorflow as tf


def pair_batches(
    source: tf.data.Dataset, target: tf.data.Dataset
) -> tf.data.Dataset:
    """Joins two streams of batches.

    Args:
        source: data set of {"image", "label"}, (batch, ...).
        target: data set of the same structure.

    Returns:
        A data set of {"source", "source_label", "target", "target_label"}.
    """

    def join(
        one: dict[str, tf.Tensor], other: dict[str, tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        return {
            "source": one["image"],
            "source_label": one["label"],
            "target": other["image"],
            "target_label": other["label"],
        }

    return tf.data.Dataset.zip(source, target).map(join)
