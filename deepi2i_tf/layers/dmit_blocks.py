"""DMIT's blocks: every convolution spectrally normalised and reflected.

Yu et al., arXiv 1909.07877, as the released code (Xiaoming-Yu/DMIT 311cb43)
has them. N is instance normalisation without gain and bias, or, under a
condition v, central biasing (`adaptive_norm.py`).
"""

import keras
import numpy as np
from keras import ops

from deepi2i_tf.layers.adaptive_norm import CentralBiasNorm
from deepi2i_tf.layers.conv import build_in_turn
from deepi2i_tf.layers.instance_norm import normalize
from deepi2i_tf.layers.leaky_relu import leaky_relu
from deepi2i_tf.layers.resampled_conv import DownsampledConv, downsample
from deepi2i_tf.layers.spectral_layers import SpectralConv

# Smallest half-size maps that convolution and mean are one for: of smaller ones
# the larger kernel's gradient takes longer than it saves.
JOINED_FROM = 16
# Of the power iteration, in all of DMIT's networks.
EPSILON = 1e-12
SLOPE = 0.2


def reflected_conv(
    filters: int, side: int, strides: int = 1, *, name: str, **named
) -> SpectralConv:
    """A spectrally normalised convolution, padded by reflection."""
    return SpectralConv(
        filters,
        side,
        strides=strides,
        padding="reflect",
        epsilon=EPSILON,
        name=name,
        **named,
    )


class InstanceBlock(keras.layers.Layer):
    """h + IN(conv3(lrelu(IN(conv3(h)))).

    Call arguments:
        inputs: h, (batch, height, width, channels).
        training: let the power iterations' states move.
    """

    def build(self, input_shape) -> None:
        """Makes two convolutions, of as many channels as come in."""
        self.convs = [
            reflected_conv(
                input_shape[-1], 3, use_bias=False, name=f"conv{index}"
            )
            for index in range(2)
        ]
        build_in_turn(self.convs, input_shape)

    def call(self, inputs, training: bool = False):
        """See the class; the shape stays."""
        first, second = self.convs
        hidden = leaky_relu(normalize(first(inputs, training=training)), SLOPE)
        return inputs + normalize(second(hidden, training=training))

    def compute_output_shape(self, input_shape) -> tuple:
        """That of the inputs."""
        return input_shape


class CentralBlock(keras.layers.Layer):
    """h + CBIN(conv3(relu(CBIN(conv3(h); v))); v).

    Call arguments:
        inputs: h, (batch, height, width, channels).
        condition: v, (batch, features).
        training: let the power iterations' states move.
    """

    def build(self, inputs_shape, condition_shape) -> None:
        """Makes the layers, of as many channels as come in."""
        self.parts = []
        for index in range(2):
            conv = reflected_conv(
                inputs_shape[-1], 3, use_bias=False, name=f"conv{index}"
            )
            norm = CentralBiasNorm(EPSILON, name=f"norm{index}")
            conv.build(inputs_shape)
            norm.build(inputs_shape, condition_shape)
            self.parts += [conv, norm]

    def call(self, inputs, condition, training: bool = False):
        """See the class; the shape stays."""
        conv1, norm1, conv2, norm2 = self.parts
        hidden = conv1(inputs, training=training)
        hidden = ops.relu(norm1(hidden, condition, training=training))
        hidden = conv2(hidden, training=training)
        return inputs + norm2(hidden, condition, training=training)


class DownBlock(keras.layers.Layer):
    """Halves a map: y = down(conv3(f(conv3(f(x))))) + conv1(down(x)).

    f is lrelu(N(x)) and down the mean of 2 x 2 pixels, of large maps joined to
    the convolution before it; only the shortcut has a bias.

    Call arguments:
        inputs: (batch, height, width, channels).
        condition: v, (batch, features), where it was built with its shape.
        training: let the power iterations' states move.

    Returns:
        (batch, height / 2, width / 2, filters).
    """

    def __init__(self, filters: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.filters = filters

    def build(self, inputs_shape, condition_shape=None) -> None:
        """Makes norms and convolutions, in the order of their use."""
        channels = inputs_shape[-1]
        self.parts = []
        pooled = DownsampledConv(
            self.filters,
            use_bias=False,
            padding="reflect",
            joined_from=JOINED_FROM,
            epsilon=EPSILON,
            name="conv1",
        )
        plain = reflected_conv(channels, 3, use_bias=False, name="conv0")
        for index, conv in enumerate((plain, pooled)):
            if condition_shape is not None:
                norm = CentralBiasNorm(EPSILON, name=f"norm{index}")
                norm.build(inputs_shape, condition_shape)
                self.parts.append(norm)
            conv.build(inputs_shape)
            self.parts.append(conv)
        self.shortcut = reflected_conv(self.filters, 1, name="shortcut")
        self.shortcut.build(inputs_shape)

    def call(self, inputs, condition=None, training: bool = False):
        """See the class."""
        hidden = inputs
        for part in self.parts:
            if isinstance(part, CentralBiasNorm):
                hidden = part(hidden, condition, training=training)
                continue
            if condition is None:
                hidden = normalize(hidden)
            hidden = part(leaky_relu(hidden, SLOPE), training=training)
        shortcut = self.shortcut(downsample(inputs), training=training)
        return hidden + shortcut

    def compute_output_shape(self, inputs_shape, condition_shape=None) -> tuple:
        """(batch, height / 2, width / 2, filters)."""
        del condition_shape  # Changes no shape.
        batch, height, width, _ = inputs_shape
        return (batch, height // 2, width // 2, self.filters)


def half_size(images):
    """Means over 3 x 3 windows of stride 2 with a border on both sides.

    A mean is over the pixels that are there; "same" padding would have the
    border on the far side alone. Height and width are even.

    Returns:
        (batch, height / 2, width / 2, channels).
    """
    _, height, width, _ = images.shape
    padded = ops.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    means = ops.average_pool(
        padded, 3, strides=2, padding="valid", data_format="channels_last"
    )
    rows, columns = (_real_pixels(side) for side in (height, width))
    factor = 9.0 / (rows[:, None, None] * columns[:, None])
    return means * ops.convert_to_tensor(factor, images.dtype)


def _real_pixels(side: int) -> np.ndarray:
    """Pixels of each window along one axis that are no border."""
    return np.where(np.arange(side // 2) == 0, 2.0, 3.0).astype(np.float32)
