import keras
import numpy as np

from deepi2i_tf.layers.instance_norm import (
    EPSILON,
    InstanceNorm,
    MapNorm,
    normalize,
)


def maps(seed=0):
    draw = np.random.default_rng(seed).standard_normal((2, 3, 2, 4))
    return (1.0 + 2.0 * draw).astype(np.float32)


def test_each_map_of_each_example_by_itself():
    layer, x = InstanceNorm(), maps()
    layer.build(x.shape)
    gain, bias = np.arange(4.0), np.arange(4.0)[::-1]
    layer.gain.assign(gain)
    layer.bias.assign(bias)
    mean, variance = x.mean((1, 2)), x.var((1, 2))
    plain = x - mean[:, None, None]
    plain /= np.sqrt(variance + EPSILON)[:, None, None]
    np.testing.assert_allclose(normalize(x), plain, atol=1e-5)
    np.testing.assert_allclose(layer(x), gain * plain + bias, atol=1e-5)
    np.testing.assert_array_equal(layer(x)[:1], layer(x[:1]))


def test_statistics_are_float32_in_bfloat16():
    keras.config.set_dtype_policy("mixed_bfloat16")
    # In bfloat16 1000 and 1001 are one number.
    outputs = InstanceNorm()(keras.ops.cast(1000.0 + 8.0 * maps(), "bfloat16"))
    assert keras.backend.standardize_dtype(outputs.dtype) == "bfloat16"
    spread = np.asarray(keras.ops.cast(outputs, "float32")).std((1, 2))
    np.testing.assert_allclose(spread, 1.0, atol=0.1)


def test_height_width_and_channels_together():
    x = np.random.default_rng(0).standard_normal((2, 3, 2, 4))
    x = (x * np.arange(1, 5)).astype(np.float32)
    layer = MapNorm()
    layer.build(x.shape)
    gain, bias = np.arange(4.0), np.arange(4.0)[::-1]
    layer.gain.assign(gain)
    layer.bias.assign(bias)
    mean, variance = x.mean((1, 2, 3)), x.var((1, 2, 3))
    plain = x - mean[:, None, None, None]
    plain /= np.sqrt(variance + EPSILON)[:, None, None, None]
    np.testing.assert_allclose(layer(x), gain * plain + bias, atol=1e-5)
