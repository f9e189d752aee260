import numpy as np

from deepi2i_tf.layers.instance_norm import EPSILON
from deepi2i_tf.layers.map_norm import MapNorm


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
