"""The class that a critic reads from an image (arXiv 1711.09020, eq. 2, 3)."""

from keras import ops

from deepi2i_tf.utils.backend import upcast


def classification_loss(logits, labels):
    """Softmax cross entropy, (batch,).

    Args:
        logits: (batch, classes), any real numbers.
        labels: int32, (batch,), in [0, classes).
    """
    return ops.sparse_categorical_crossentropy(
        labels, upcast(logits), from_logits=True
    )
