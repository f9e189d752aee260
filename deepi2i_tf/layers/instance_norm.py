"""Instance normalisation, and layer normalisation of whole maps.

Ulyanov et al., arXiv 1607.08022: each channel of each example by itself,

    IN(x) = (x - mean(x)) / sqrt(var(x) + eps),

over height and width, with the biased variance and eps 1e-5, in training and
in inference. StarGAN's layer has a trained gain and bias for each channel. Its
PyTorch code also keeps moving statistics, which nothing ever reads.
"""

import keras
from keras import ops

from deepi2i_tf.utils.backend import upcast

EPSILON = 1e-5
EACH_MAP = (1, 2)


def normalize(inputs, gain=1.0, bias=0.0, axes: tuple[int, ...] = EACH_MAP):
    """Maps with mean 0 and variance 1 over some axes, times gain, plus bias.

    Args:
        inputs: (batch, height, width, channels).
        gain: float32, to be broadcast to (batch, 1, 1, channels).
        bias: as `gain`.
        axes: those that the statistics are taken over, in float32.

    Returns:
        The shape and type of `inputs`.
    """
    mean, variance = ops.moments(upcast(inputs), axes=axes, keepdims=True)
    scale = gain * ops.rsqrt(variance + EPSILON)
    # One multiplication and one addition per pixel: the rest is per channel.
    offset = bias - mean * scale
    return inputs * ops.cast(scale, inputs.dtype) + ops.cast(
        offset, inputs.dtype
    )


class InstanceNorm(keras.layers.Layer):
    """gain IN(x) + bias, with a trained gain and bias for each channel.

    Call arguments:
        inputs: (batch, height, width, channels).

    Attributes:
        axes: what the statistics are taken over.

    Reference: arXiv 1607.08022.
    """

    axes = EACH_MAP

    def build(self, input_shape) -> None:
        """Creates gain (ones) and bias (zeros), float32 (channels,)."""
        shape = (input_shape[-1],)
        for name, start in (("gain", "ones"), ("bias", "zeros")):
            weight = self.add_weight(
                name=name, shape=shape, initializer=start, autocast=False
            )
            setattr(self, name, weight)

    def call(self, inputs):
        """See the class."""
        return normalize(inputs, self.gain, self.bias, self.axes)

    def compute_output_shape(self, input_shape) -> tuple:
        """That of the inputs."""
        return input_shape


class MapNorm(InstanceNorm):
    """gain LN(x) + bias: the statistics of whole maps, as in DMIT's decoder.

    Over height, width and channels of each example together, with the biased
    variance and eps 1e-5.

    Call arguments:
        inputs: (batch, height, width, channels).

    Reference: arXiv 1607.06450.
    """

    axes = (1, 2, 3)
