"""Pairing: every source image is trained against an unrelated target image.

Sources and targets are two independent shuffles of the training split
(training.md); the same image or class may meet itself by chance.
"""

from collections.abc import Mapping

import tensorflow as tf


def pair_batches(sides: Mapping[str, tf.data.Dataset]) -> tf.data.Dataset:
    """Joins streams of batches.

    Args:
        sides: by name (`"source"`, `"target"`), data sets of {"image",
            "label"}, (batch, ...).

    Returns:
        A data set of {"source", "source_label", "target", "target_label"},
        or of the same for one side alone.
    """

    def join(parts: dict[str, dict[str, tf.Tensor]]) -> dict[str, tf.Tensor]:
        images = {side: part["image"] for side, part in parts.items()}
        labels = {f"{side}_label": part["label"] for side, part in parts.items()}
        return images | labels

    return tf.data.Dataset.zip(dict(sides)).map(join)
