"""Pairing: every source image is trained against an unrelated target image.

Sources and targets are two independent shuffles of the training split
(training.md); the same image or class may meet itself by chance.
"""

import tensorflow as tf


def pair_batches(
    source: tf.data.Dataset, target: tf.data.Dataset
) -> tf.data.Dataset:
    """Joins two streams, sources first.

    Args:
        source: data set of tensors (batch, ...), or of tuples of them.
        target: data set of the same structure.

    Returns:
        A data set of that structure with (2 * batch, ...), so that what
        follows (parsing, decoding, flipping) runs once for both.
    """

    def join(*sides):
        return tf.nest.map_structure(
            lambda one, other: tf.concat([one, other], 0), *sides
        )

    return tf.data.Dataset.zip(source, target).map(join)


def split_pair(images: tf.Tensor, labels: tf.Tensor) -> dict[str, tf.Tensor]:
    """Takes a joined batch apart again.

    Args:
        images: float32, (2 * batch, height, width, 3), sources first.
        labels: int32, (2 * batch,), likewise.

    Returns:
        `source` and `target`: float32, (batch, height, width, 3);
        `source_label` and `target_label`: int32, (batch,).
    """
    source, target = tf.split(images, 2)
    source_label, target_label = tf.split(labels, 2)
    return {
        "source": source,
        "source_label": source_label,
        "target": target,
        "target_label": target_label,
    }
