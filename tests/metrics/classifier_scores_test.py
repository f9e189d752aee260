import math

import numpy as np

from deepi2i_tf.metrics.classifier_scores import (
    accuracy,
    confusion_matrix,
    per_class_accuracy,
)

LABELS = np.array([0, 0, 0, 2, 2], np.int32)
SEEN = np.array([0, 1, 0, 2, 0], np.int32)
COUNTS = [[2, 1, 0], [0, 0, 0], [1, 0, 1]]


def test_counts_wanted_by_seen():
    confusion = confusion_matrix(LABELS, SEEN, 3)
    np.testing.assert_array_equal(confusion, COUNTS)


def test_order_does_not_matter():
    order = np.array([3, 1, 4, 0, 2])
    confusion = confusion_matrix(LABELS[order], SEEN[order], 3)
    np.testing.assert_array_equal(confusion, COUNTS)


def test_accuracy_by_hand():
    assert accuracy(np.array(COUNTS)) == 3 / 5
    np.testing.assert_array_equal(
        per_class_accuracy(np.array(COUNTS)), [2 / 3, np.nan, 1 / 2]
    )


def test_no_example_has_no_accuracy():
    assert math.isnan(accuracy(np.zeros((2, 2), int)))
