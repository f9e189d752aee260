import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.layers import GeneratorBlock, SpectralConv, TrunkBlock


def normal(*shape, seed=0):
    draw = np.random.default_rng(seed).standard_normal(shape)
    return draw.astype(np.float32)


def conv(layer, inputs):
    """The layer as a plain convolution, whatever it is joined with."""
    return SpectralConv.call(layer, tf.constant(inputs)).numpy()


def relu(x):
    return np.maximum(x, 0.0)


def doubled(x):
    return np.repeat(np.repeat(x, 2, axis=1), 2, axis=2)


def pooled(x):
    batch, height, width, channels = x.shape
    shape = (batch, height // 2, 2, width // 2, 2, channels)
    return x.reshape(shape).mean((2, 4))


@pytest.mark.parametrize("size", [4, 16])
def test_generator_block_equals_its_formula(size):
    block = GeneratorBlock(3)
    x, c = normal(2, size, size, 5), normal(2, 4, seed=1)
    outputs = block(x, c)
    hidden = conv(block.conv1, doubled(relu(block.norm1(x, c))))
    hidden = conv(block.conv2, relu(block.norm2(hidden, c)))
    # The formula's own order: up-sampling before the shortcut's conv1.
    expected = hidden + conv(block.shortcut, doubled(x))
    assert outputs.shape == block.compute_output_shape(x.shape, c.shape)
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("downsamples", [True, False])
@pytest.mark.parametrize("preactivated", [True, False])
@pytest.mark.parametrize("size", [8, 32])
def test_trunk_block_equals_its_formula(size, preactivated, downsamples):
    block = TrunkBlock(3, downsamples, preactivated)
    x = normal(2, size, size, 5)
    outputs = block(x)
    hidden = conv(block.conv1, relu(x) if preactivated else x)
    hidden = conv(block.conv2, relu(hidden)) + conv(block.shortcut, x)
    expected = pooled(hidden) if downsamples else hidden
    assert outputs.shape == block.compute_output_shape(x.shape)
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-5)


def test_a_block_that_changes_nothing_has_an_identity_shortcut():
    block, x = TrunkBlock(5, False), normal(2, 4, 4, 5)
    outputs = block(x)
    hidden = conv(block.conv2, relu(conv(block.conv1, relu(x))))
    assert block.shortcut is None
    np.testing.assert_allclose(outputs, hidden + x, rtol=1e-5, atol=1e-5)


def test_training_moves_every_state_and_inference_none():
    block = GeneratorBlock(3)
    x, c = normal(2, 4, 4, 5), normal(2, 4, seed=1)
    block(x, c)
    before = [w.numpy() for w in block.non_trainable_variables]
    block(x, c, training=False)
    for weight, value in zip(
        block.non_trainable_variables, before, strict=True
    ):
        np.testing.assert_array_equal(weight, value)
    block(x, c, training=True)
    for weight, value in zip(
        block.non_trainable_variables, before, strict=True
    ):
        assert not np.array_equal(weight, value), weight.path
