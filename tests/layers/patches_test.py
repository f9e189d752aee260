import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.layers.patches import patches


def normal(*shape, seed=0):
    draw = np.random.default_rng(seed).standard_normal(shape)
    return tf.constant(draw, tf.float64)


def multiplied(maps, kernel):
    side, *_, filters = kernel.shape
    rows = patches(maps, side) @ tf.reshape(kernel, (-1, filters))
    return tf.reshape(rows, (*maps.shape[:-1], filters))


def convolved(maps, kernel):
    return tf.nn.conv2d(maps, kernel, 1, "SAME")


@pytest.mark.parametrize("side", [1, 3, 5])
def test_a_product_with_patches_is_the_convolution(side):
    maps, kernel = normal(2, 4, 6, 3), normal(side, side, 3, 5, seed=1)

    def with_gradients(function):
        with tf.GradientTape() as tape:
            tape.watch([maps, kernel])
            outputs = function(maps, kernel)
            loss = tf.reduce_sum(tf.sin(outputs))
        return outputs, *tape.gradient(loss, [maps, kernel])

    for one, other in zip(
        with_gradients(multiplied), with_gradients(convolved), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)


def test_second_gradients_are_those_of_the_convolution():
    maps, kernel = normal(2, 4, 4, 3), normal(3, 3, 3, 5, seed=1)

    def penalty(function):
        with tf.GradientTape() as outer:
            outer.watch([maps, kernel])
            with tf.GradientTape() as inner:
                inner.watch(maps)
                score = tf.reduce_sum(tf.tanh(function(maps, kernel)))
            total = tf.reduce_sum(inner.gradient(score, maps) ** 2)
        return outer.gradient(total, [maps, kernel])

    for one, other in zip(penalty(multiplied), penalty(convolved), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_the_batch_may_be_unknown():
    read = tf.function(
        lambda maps: patches(maps, 3),
        input_signature=[tf.TensorSpec((None, 2, 2, 1), tf.float64)],
    )
    assert read(normal(3, 2, 2, 1)).shape == (12, 9)
