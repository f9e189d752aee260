"""Instance normalisation whose gain or bias comes from elsewhere.

    AdaIN(x; s, b) = s IN(x) + b
    CBIN(x; v)     = IN(x) + tanh(W v / sigma + b)

with s and b of AdaIN per example and channel (Huang and Belongie,
arXiv 1703.06868); the gain is s itself, not 1 + s. Central biasing
(arXiv 1806.10050) has a spectrally normalised dense layer, and no gain.
"""

import keras
from keras import ops

from deepi2i_tf.layers.instance_norm import normalize
from deepi2i_tf.layers.spectral_layers import SpectralDense
from deepi2i_tf.utils.backend import upcast


def adaptive_instance_norm(inputs, gain, bias):
    """AdaIN of maps.

    Args:
        inputs: (batch, height, width, channels).
        gain: s, (batch, channels).
        bias: b, (batch, channels).

    Returns:
        The shape and type of `inputs`.
    """
    return normalize(inputs, _per_map(gain), _per_map(bias))


class CentralBiasNorm(keras.layers.Layer):
    """CBIN of maps under a condition.

    Args:
        epsilon: of the dense layer's spectral norm.
        **kwargs: of `keras.layers.Layer`.

    Call arguments:
        inputs: (batch, height, width, channels).
        condition: v, (batch, features).
        training: let the power iteration's state move.
    """

    def __init__(self, epsilon: float, **kwargs) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, inputs_shape, condition_shape) -> None:
        """Makes the dense layer."""
        self.bias = SpectralDense(
            inputs_shape[-1], epsilon=self.epsilon, name="bias"
        )
        self.bias.build(condition_shape)

    def call(self, inputs, condition, training: bool = False):
        """See the class."""
        bias = self.bias(condition, training=training)
        return normalize(inputs, bias=ops.tanh(_per_map(bias)))

    def compute_output_shape(self, inputs_shape, condition_shape) -> tuple:
        """That of the inputs."""
        del condition_shape  # Changes no shape.
        return inputs_shape

    def get_config(self) -> dict:
        """Arguments that re-create the layer."""
        return {**super().get_config(), "epsilon": self.epsilon}


def _per_map(values):
    return upcast(values)[:, None, None, :]
