"""Scores of a classifier, from its predictions: arrays in, numbers out.

RC is the accuracy, on translations and against their target class, of a
classifier that was trained on real images (arXiv 2011.05867, section 5.1).
"""

import numpy as np


def confusion_matrix(
    labels: np.ndarray, predictions: np.ndarray, num_classes: int
) -> np.ndarray:
    """Counts how often class i was taken for class j.

    Args:
        labels: int, (n,), in [0, num_classes): what was wanted.
        predictions: int, (n,), in [0, num_classes): what the classifier says.
        num_classes: number of classes.

    Returns:
        int64, (num_classes, num_classes): rows wanted, columns predicted.
    """
    flat = labels.astype(np.int64) * num_classes + predictions.astype(np.int64)
    counts = np.bincount(flat, minlength=num_classes * num_classes)
    return counts.reshape(num_classes, num_classes)


def accuracy(confusion: np.ndarray) -> float:
    """Fraction of examples on the diagonal; NaN where there are none."""
    total = confusion.sum()
    return float(np.trace(confusion) / total) if total else float("nan")


def per_class_accuracy(confusion: np.ndarray) -> np.ndarray:
    """Accuracy of each wanted class; NaN where a class has no example."""
    totals = confusion.sum(axis=1)
    fractions = np.full(len(totals), np.nan)
    return np.divide(
        np.diag(confusion), totals, out=fractions, where=totals > 0
    )
