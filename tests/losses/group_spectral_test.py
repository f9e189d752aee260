import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.losses import group_spectral


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


@pytest.mark.parametrize("channels, shape", [(48, (6, 8)), (7, (1, 7))])
def test_folds_to_the_squarest_matrix(channels, shape):
    assert group_spectral.fold(normal(3, channels)).shape == (3, *shape)


def test_largest_singular_values_and_their_gradient():
    matrices = tf.constant(normal(5, 6, 8))
    with tf.GradientTape() as tape:
        tape.watch(matrices)
        values = group_spectral.largest_singular_values(matrices)
    u, expected, v = np.linalg.svd(matrices)
    np.testing.assert_allclose(values, expected[:, 0], rtol=1e-3)
    gradient = tape.gradient(values, matrices)
    outer = u[:, :, :1] * v[:, :1, :]
    np.testing.assert_allclose(gradient, outer, atol=0.05)


def test_the_penalty_is_a_mean_over_layers_and_classes():
    gains = [normal(3, 12), normal(3, 8, seed=1)]
    biases = [normal(3, 12, seed=2), normal(3, 8, seed=3)]

    def squared(values):
        folded = np.array(group_spectral.fold(values))
        return np.linalg.norm(folded, 2, axis=(1, 2)) ** 2

    expected = np.mean(
        [squared(g) + squared(b) for g, b in zip(gains, biases, strict=True)]
    )
    penalty = group_spectral.group_spectral_penalty([*gains, *biases])
    np.testing.assert_allclose(penalty, expected, rtol=1e-3)


def test_no_class_is_no_number():
    zeros = [np.zeros((2, 4), np.float32)]
    assert float(group_spectral.group_spectral_penalty(zeros)) == 0.0
