import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.layers import SelfAttention
from deepi2i_tf.layers.self_attention import attend


def normal(*shape, seed=0):
    draw = np.random.default_rng(seed).standard_normal(shape)
    return draw.astype(np.float32)


def attention(channels, gamma):
    layer = SelfAttention()
    layer.build((None, 4, 6, channels))
    layer.gamma.assign(gamma)
    return layer


def pool(image):
    height, width, channels = image.shape
    blocks = image.reshape(height // 2, 2, width // 2, 2, channels)
    return blocks.max((1, 3)).reshape(-1, channels)


def slow(layer, image):
    """One image, pixel by pixel; the weights as the layer normalises them."""
    theta, phi, g, o = (
        np.asarray(part.normalized_weight())[0, 0]
        for part in (layer.theta, layer.phi, layer.g, layer.o)
    )
    keys, values = pool(image @ phi), pool(image @ g)
    outputs = np.empty_like(image)
    for place in np.ndindex(image.shape[:2]):
        scores = keys @ (image[place] @ theta)
        beta = np.exp(scores - scores.max())
        attended = (beta / beta.sum()) @ values
        outputs[place] = layer.gamma.numpy() * attended @ o + image[place]
    return outputs


def test_equals_the_slow_twin():
    layer, x = attention(16, gamma=0.7), normal(2, 4, 6, 16)
    for _ in range(15):  # sigma no longer moves between the calls
        layer(x, training=True)
    expected = np.stack([slow(layer, image) for image in x])
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)


def test_gamma_zero_is_the_identity():
    layer, x = SelfAttention(), normal(2, 4, 6, 8)
    np.testing.assert_array_equal(layer(x, training=True), x)
    assert layer.gamma.numpy() == 0.0


def test_few_channels_still_have_queries_and_values():
    layer = attention(1, gamma=1.0)
    assert layer(normal(1, 4, 6, 1)).shape == (1, 4, 6, 1)
    assert layer.theta.filters == layer.g.filters == 1


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_mixed_precision(kind):
    keras.config.set_dtype_policy(f"mixed_{kind}")
    layer = SelfAttention()
    outputs = layer(normal(1, 4, 6, 8), training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == kind


def plain(queries, keys, values):
    scores = tf.matmul(queries, keys, transpose_b=True)
    return tf.nn.softmax(scores) @ values


def drawn():
    shapes = ((2, 24, 3), (2, 6, 3), (2, 6, 5))
    return [tf.constant(normal(*s, seed=9), tf.float64) for s in shapes]


@pytest.mark.parametrize("compiled", [False, True])
def test_gradients_are_those_of_automatic_differentiation(compiled):
    def gradients(function, inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            loss = tf.reduce_sum(tf.sin(function(*inputs)))
        return tape.gradient(loss, inputs)

    run = tf.function(gradients) if compiled else gradients
    for one, other in zip(
        run(attend, drawn()), run(plain, drawn()), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13)


def test_second_gradients_are_those_of_automatic_differentiation():
    def second(function):
        inputs = drawn()
        with tf.GradientTape() as outer:
            outer.watch(inputs)
            with tf.GradientTape() as inner:
                inner.watch(inputs)
                score = tf.reduce_sum(tf.tanh(function(*inputs)))
            slopes = inner.gradient(score, inputs)
            total = sum(tf.reduce_sum(slope**2) for slope in slopes)
        return outer.gradient(total, inputs)

    for one, other in zip(second(attend), second(plain), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
