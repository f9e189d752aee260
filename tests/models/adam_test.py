"""Beside Keras' Adam, number by number."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.models.adam import Adam

SETTINGS = {"learning_rate": 0.01, "beta_2": 0.9, "epsilon": 1e-6}


def steps(make, beta_1, strategy=None, count=4):
    """The weights and moments after some updates, a row of one among them."""
    strategy = strategy or tf.distribute.get_strategy()
    rng = np.random.default_rng(0)
    with strategy.scope():
        weights = [
            keras.Variable(rng.standard_normal(shape).astype(np.float32))
            for shape in ((3, 4), (5,), ())
        ]
        optimizer = make(beta_1=beta_1, **SETTINGS)
        optimizer.build(weights)

    @tf.function
    def update(gradients, slices):
        gradients = [tf.identity(g) for g in gradients]
        rows = tf.IndexedSlices(
            slices, tf.constant([2, 0]), tf.constant([3, 4])
        )
        optimizer.apply([rows, *gradients], weights)

    for _ in range(count):
        gradients = [
            tf.constant(rng.standard_normal(w.shape), tf.float32)
            for w in weights[1:]
        ]
        slices = tf.constant(rng.standard_normal((2, 4)), tf.float32)
        strategy.run(update, (gradients, slices))
    return optimizer, [tf.convert_to_tensor(w.value).numpy() for w in weights]


@pytest.mark.parametrize("beta_1", [0.0, 0.5])
def test_updates_are_those_of_keras(beta_1):
    ours, found = steps(Adam, beta_1)
    theirs, expected = steps(keras.optimizers.Adam, beta_1)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-6, atol=1e-7)
    moments = [ours._velocities, theirs._velocities]
    if beta_1:
        moments[0] += ours._momentums
        moments[1] += theirs._momentums
    for one, other in zip(*moments, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-6, atol=1e-7)


def test_without_beta_1_there_is_one_moment():
    with_both, _ = steps(Adam, 0.5)
    with_one, _ = steps(Adam, 0.0)
    assert len(with_both.variables) == 2 + 2 * 3
    assert len(with_one.variables) == 2 + 3


def test_two_replicas_update_as_one_does(two_replicas):
    # Both replicas give the same gradient, and gradients are summed.
    _, expected = steps(Adam, 0.0)
    _, found = steps(Adam, 0.0, two_replicas)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("beta_1", [0.0, 0.5])
def test_xla_makes_the_same_updates(beta_1):
    weight = keras.Variable(np.ones((3, 4), np.float32))
    optimizer = Adam(beta_1=beta_1, **SETTINGS)
    optimizer.build([weight])

    @tf.function(jit_compile=True)
    def update(gradient):
        optimizer.apply([gradient], [weight])

    for _ in range(3):
        update(tf.fill((3, 4), 2.0))
    # m is 2 (1 - beta_1^t), v is 4 (1 - beta_2^t): each step is lr.
    np.testing.assert_allclose(weight, np.full((3, 4), 0.97), rtol=1e-5)
