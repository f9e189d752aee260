import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from deepi2i_tf.layers import SpectralConv, SpectralDense
from deepi2i_tf.layers.spectral_norm import one_iteration

GOLDEN = np.load(
    pathlib.Path(__file__).parents[1] / "golden/tensorflow_addons.npz"
)


def dense(kernel, u=None):
    layer = SpectralDense(kernel.shape[1], use_bias=False)
    layer.build((None, kernel.shape[0]))
    layer.raw_weight.assign(kernel)
    if u is not None:
        layer.u.assign(u)
    return layer


def normal(*shape, seed=0):
    draw = np.random.default_rng(seed).standard_normal(shape)
    return draw.astype(np.float32)


def largest_singular_value(kernel):
    matrix = np.reshape(kernel, (-1, np.shape(kernel)[-1]))
    return np.linalg.svd(matrix, compute_uv=False)[0]


def test_two_by_two_ones_have_sigma_two():
    layer = dense(np.ones((2, 2)), u=[[1.0, 0.0]])
    outputs = layer(np.array([[1.0, 3.0]]), training=True)
    # v = (1, 1) / sqrt 2, v W^T = (1, 1) sqrt 2, so sigma is 2 at once.
    np.testing.assert_allclose(layer.sigma, 2.0, rtol=1e-6)
    np.testing.assert_allclose(layer.u, [[0.5**0.5, 0.5**0.5]], rtol=1e-6)
    np.testing.assert_allclose(outputs, [[2.0, 2.0]], rtol=1e-6)


def test_one_forward_is_one_power_iteration():
    kernel, u = normal(5, 4), normal(1, 4, seed=1)
    layer = dense(kernel, u)
    weight = np.asarray(layer.normalized_weight(training=True))
    matrix = kernel.T
    v = u @ matrix / np.linalg.norm(u @ matrix)
    after = v @ matrix.T / np.linalg.norm(v @ matrix.T)
    sigma = (v @ matrix.T @ after.T).item()
    np.testing.assert_allclose(weight, kernel / sigma, rtol=1e-5)
    np.testing.assert_allclose(layer.u, after, rtol=1e-5)
    np.testing.assert_allclose(layer.sigma, sigma, rtol=1e-5)


def test_iterations_converge_to_sigma_one_and_again_after_a_perturbation():
    layer = dense(normal(6, 8))

    def iterate():
        for _ in range(60):
            layer.normalized_weight(training=True)
        return largest_singular_value(layer.normalized_weight())

    assert abs(iterate() - 1.0) < 1e-4
    layer.raw_weight.assign(layer.raw_weight + 3.0 * normal(6, 8, seed=1))
    perturbed = largest_singular_value(layer.normalized_weight())
    assert abs(perturbed - 1.0) > 1e-2
    assert abs(iterate() - 1.0) < 1e-4


def test_inference_stores_nothing_and_training_leaves_the_kernel():
    layer = dense(normal(6, 8))
    inputs = normal(2, 6, seed=2)
    layer(inputs, training=True)
    u, sigma = layer.u.numpy(), layer.sigma.numpy()
    layer.raw_weight.assign(normal(6, 8, seed=3))
    layer(inputs, training=False)
    np.testing.assert_array_equal(layer.u, u)
    np.testing.assert_array_equal(layer.sigma, sigma)
    layer(inputs, training=True)
    assert not np.array_equal(layer.u, u)
    np.testing.assert_array_equal(layer.raw_weight, normal(6, 8, seed=3))


def test_the_gradient_goes_through_sigma():
    kernel, of_weight = normal(3, 4), normal(3, 4, seed=1)
    layer = dense(kernel)
    for _ in range(60):
        layer.normalized_weight(training=True)

    def value(candidate):
        return np.sum(of_weight * candidate / largest_singular_value(candidate))

    with tf.GradientTape() as tape:
        total = ops.sum(of_weight * layer.normalized_weight())
    gradient = tape.gradient(total, layer.raw_weight.value)
    numerical = np.zeros_like(kernel)
    for place in np.ndindex(kernel.shape):
        step = np.zeros(kernel.shape)
        step[place] = 1e-5
        difference = value(kernel + step) - value(kernel - step)
        numerical[place] = difference / 2e-5
    # u is converged to float32, hence 1e-3.
    np.testing.assert_allclose(gradient, numerical, rtol=1e-3, atol=1e-4)
    # W / sigma does not change with the scale of W.
    assert abs(np.sum(gradient * kernel)) < 1e-4


@pytest.mark.parametrize("kind", ["dense", "conv"])
def test_first_forward_is_that_of_tensorflow_addons(kind):
    golden = {
        name: GOLDEN[f"spectral_norm/{kind}/{name}"]
        for name in ("kernel", "u_before", "x", "y", "u_after", "kernel_after")
    }
    kernel, x = golden["kernel"], golden["x"]
    make = {"dense": SpectralDense, "conv": SpectralConv}[kind]
    layer = make(kernel.shape[-1], use_bias=False)
    layer.build(x.shape)
    layer.raw_weight.assign(kernel)
    layer.u.assign(golden["u_before"])
    outputs = layer(x, training=True)
    np.testing.assert_allclose(outputs, golden["y"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.u, golden["u_after"], rtol=1e-5)
    # The addon wrote W / sigma back into the trained kernel.
    assert not np.allclose(golden["kernel_after"], kernel, rtol=1e-3)
    np.testing.assert_array_equal(layer.raw_weight, kernel)


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_mixed_precision_keeps_the_norm_in_float32(kind):
    layer = SpectralConv(4, dtype=f"mixed_{kind}")
    outputs = layer(normal(1, 4, 4, 3), training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == kind
    for weight in (layer.raw_weight, layer.u, layer.sigma):
        assert weight.dtype == "float32"
    full = SpectralConv(4)
    full.build((None, 4, 4, 3))
    full.raw_weight.assign(layer.raw_weight)
    full.u.assign(layer.u)
    for _ in range(50):
        layer(normal(1, 4, 4, 3), training=True)
        full(normal(1, 4, 4, 3), training=True)
    np.testing.assert_allclose(layer.sigma, full.sigma, rtol=1e-5)


def test_two_replicas_store_the_same_state(two_replicas):
    alone = dense(normal(6, 8), normal(1, 8))
    with two_replicas.scope():
        shared = dense(normal(6, 8), normal(1, 8))
    inputs = normal(2, 6, seed=2)
    alone(inputs, training=True)
    step = tf.function(lambda: shared(inputs, training=True))
    two_replicas.run(step)
    for copy in two_replicas.experimental_local_results(shared.u.value):
        np.testing.assert_allclose(copy, alone.u, rtol=1e-6)
    np.testing.assert_allclose(shared.sigma, alone.sigma, rtol=1e-6)


@pytest.mark.parametrize("kind", [SpectralConv, SpectralDense])
def test_parts_of_a_batch_share_one_iteration(kind):
    x = normal(3, 4, 4, 2) if kind is SpectralConv else normal(3, 6)
    seen = []
    for parts in (1, 3):
        layer = kind(5)
        layer.build(x.shape)
        layer.raw_weight.assign(normal(*layer.raw_weight.shape, seed=1))
        layer.u.assign(normal(1, 5, seed=2))
        with tf.GradientTape() as tape, one_iteration():
            rows = [layer(r, training=True) for r in np.split(x, parts)]
            outputs = tf.concat(rows, axis=0)
            loss = tf.reduce_sum(outputs**3)
        slope = tape.gradient(loss, layer.raw_weight.value)
        seen.append([outputs, slope, layer.u.numpy(), layer.sigma.numpy()])
    for joined, in_parts in zip(*seen, strict=True):
        np.testing.assert_allclose(in_parts, joined, rtol=1e-4, atol=1e-5)
    # Behind it every call iterates again.
    layer(x, training=True)
    assert not np.array_equal(layer.u, seen[1][2])
