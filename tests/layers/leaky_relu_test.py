import numpy as np
import tensorflow as tf

from deepi2i_tf.layers.leaky_relu import leaky_relu

VALUES = tf.constant([-2.0, 0.0, 3.0])


def test_values_and_slopes_are_those_of_pytorch():
    with tf.GradientTape() as tape:
        tape.watch(VALUES)
        outputs = leaky_relu(VALUES, 0.25)
    np.testing.assert_array_equal(outputs, [-0.5, 0.0, 3.0])
    slopes = tape.gradient(outputs, VALUES)
    np.testing.assert_array_equal(slopes, [0.25, 0.25, 1.0])


def test_no_operation_of_it_can_be_fused():
    function = tf.function(leaky_relu, autograph=False)
    graph = function.get_concrete_function(VALUES, 0.25).graph
    assert "LeakyRelu" not in {each.type for each in graph.get_operations()}
