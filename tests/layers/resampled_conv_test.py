import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.layers import SpectralConv
from deepi2i_tf.layers.resampled_conv import (
    DOWN_JOINED_FROM,
    UP_JOINED_FROM,
    DownsampledConv,
    UpsampledConv,
    downsample,
    upsample,
)


def normal(*shape, seed=0):
    draw = np.random.default_rng(seed).standard_normal(shape)
    return draw.astype(np.float32)


def reflected_down(filters):
    """As DMIT has it, joined from small maps on."""
    return DownsampledConv(filters, padding="reflect", joined_from=4)


def slow_upsampled(layer, inputs):
    doubled = np.repeat(np.repeat(inputs, 2, axis=1), 2, axis=2)
    return SpectralConv.call(layer, tf.constant(doubled))


def slow_downsampled(layer, inputs):
    return tf.nn.avg_pool2d(SpectralConv.call(layer, inputs), 2, 2, "VALID")


SMALL = UP_JOINED_FROM // 2
CASES = [
    (UpsampledConv, slow_upsampled, SMALL),
    (UpsampledConv, slow_upsampled, UP_JOINED_FROM),
    (DownsampledConv, slow_downsampled, SMALL),
    (DownsampledConv, slow_downsampled, 2 * DOWN_JOINED_FROM),
    (reflected_down, slow_downsampled, 8),
]


def value_and_gradients(call, layer, inputs, upstream):
    inputs = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = call(inputs)
        total = tf.reduce_sum(outputs * upstream)
    kernel, bias = layer.raw_weight.value, layer.bias.value
    return outputs, tape.gradient(total, [inputs, kernel, bias])


@pytest.mark.parametrize("kind, slow, size", CASES)
@pytest.mark.parametrize("batch, channels, filters", [(3, 2, 5), (1, 3, 1)])
def test_equals_the_slow_twin(kind, slow, size, batch, channels, filters):
    layer = kind(filters)
    layer.build((None, size, size, channels))
    layer.bias.assign(normal(filters, seed=1))
    inputs = normal(batch, size, size, channels, seed=2)
    shape = layer.compute_output_shape(inputs.shape)
    upstream = normal(*shape, seed=3)
    outputs, gradients = value_and_gradients(layer, layer, inputs, upstream)
    expected, slow_gradients = value_and_gradients(
        lambda x: slow(layer, x.numpy()), layer, inputs, upstream
    )
    assert outputs.shape == shape
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-5)
    # The twin cuts the tape at its inputs; weights are compared here.
    for fast, reference in zip(gradients[1:], slow_gradients[1:], strict=True):
        scale = np.abs(reference).max()
        np.testing.assert_allclose(fast, reference, atol=1e-5 * scale)


@pytest.mark.parametrize("kind, slow, size", CASES)
def test_gradients_by_the_inputs(kind, slow, size):
    layer = kind(2)
    layer.build((None, size, size, 1))
    inputs = normal(1, size, size, 1)
    upstream = normal(*layer.compute_output_shape(inputs.shape), seed=1)
    _, gradients = value_and_gradients(layer, layer, inputs, upstream)
    # Linear in the inputs: differences are exact at any step.
    for place in [(0, 0, 0, 0), (0, size - 1, 3, 0), (0, 4, 5, 0)]:
        moved = inputs.copy()
        moved[place] += 1.0
        change = (slow(layer, moved) - slow(layer, inputs)) * upstream
        np.testing.assert_allclose(
            gradients[0][place], np.sum(change), rtol=1e-4, atol=1e-4
        )


def test_training_moves_u_as_a_plain_convolution_does():
    joined, plain = UpsampledConv(4), SpectralConv(4)
    for layer in (joined, plain):
        layer.build((None, UP_JOINED_FROM, UP_JOINED_FROM, 2))
        layer.raw_weight.assign(normal(3, 3, 2, 4))
        layer.u.assign(normal(1, 4))
        layer(normal(1, UP_JOINED_FROM, UP_JOINED_FROM, 2), training=True)
    np.testing.assert_array_equal(joined.u, plain.u)
    np.testing.assert_array_equal(joined.sigma, plain.sigma)


def test_upsample_and_downsample_by_hand():
    small = np.array([[1.0, 2.0], [3.0, 4.0]])[None, :, :, None]
    large = [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    np.testing.assert_array_equal(
        upsample(tf.constant(small))[0, ..., 0], large
    )
    mean = downsample(tf.constant(small, tf.float32))
    np.testing.assert_array_equal(mean, [[[[2.5]]]])
