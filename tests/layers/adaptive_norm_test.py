import numpy as np

from deepi2i_tf.layers.adaptive_norm import (
    CentralBiasNorm,
    adaptive_instance_norm,
)
from deepi2i_tf.layers.instance_norm import normalize


def test_a_gain_and_a_bias_for_each_example_and_channel():
    stream = np.random.default_rng(0)
    x = stream.standard_normal((2, 3, 2, 4)).astype(np.float32)
    gain, bias = stream.standard_normal((2, 2, 4)).astype(np.float32)
    expected = gain[:, None, None] * normalize(x) + bias[:, None, None]
    outputs = adaptive_instance_norm(x, gain, bias)
    np.testing.assert_allclose(outputs, expected, atol=1e-5)


def test_central_biasing_by_hand():
    layer = CentralBiasNorm(1e-12)
    x = np.random.default_rng(0).standard_normal((2, 3, 2, 2))
    layer.build(x.shape, (None, 2))
    layer.bias.raw_weight.assign([[4.0, 0.0], [0.0, 2.0]])
    layer.bias.u.assign([[1.0, 0.0]])
    layer.bias.bias.assign([0.0, 0.5])
    condition = np.array([[1.0, 0.0], [0.0, 2.0]])
    outputs = layer(x, condition, training=True)
    # Divided by sigma 4: [1, 0.5] and [0, 1.5].
    bias = np.tanh([[1.0, 0.5], [0.0, 1.5]])[:, None, None]
    np.testing.assert_allclose(outputs, normalize(x) + bias, atol=1e-5)
    again = CentralBiasNorm.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
