import numpy as np

from deepi2i_tf.layers.adaptive_norm import adaptive_instance_norm
from deepi2i_tf.layers.instance_norm import normalize


def test_a_gain_and_a_bias_for_each_example_and_channel():
    stream = np.random.default_rng(0)
    x = stream.standard_normal((2, 3, 2, 4)).astype(np.float32)
    gain, bias = stream.standard_normal((2, 2, 4)).astype(np.float32)
    expected = gain[:, None, None] * normalize(x) + bias[:, None, None]
    outputs = adaptive_instance_norm(x, gain, bias)
    np.testing.assert_allclose(outputs, expected, atol=1e-5)
