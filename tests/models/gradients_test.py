"""Tests of sums over micro-batches."""

import numpy as np
import tensorflow as tf

from deepi2i_tf.models.gradients import GradientSum


def test_gradients_and_logs_add_up():
    total = GradientSum()
    total.add([tf.constant(1.0), tf.constant([2.0])], {"loss": 0.5})
    total.add([tf.constant(3.0), tf.constant([4.0])], {"loss": 0.25})
    assert float(total.gradients[0]) == 4.0
    np.testing.assert_array_equal(total.gradients[1], [6.0])
    assert total.logs == {"loss": 0.75}


def test_nested_lists_keep_their_shape():
    total = GradientSum()
    for _ in range(3):
        total.add([[tf.constant(1.0)], [], [tf.constant(2.0)]], {})
    nested = tf.nest.map_structure(float, total.gradients)
    assert nested == [[3.0], [], [6.0]]
