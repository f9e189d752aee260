"""The residual blocks of BigGAN's generator and discriminator.

Brock et al., arXiv 1809.11096, appendix B, figure 15 (b, c); every
convolution is spectrally normalised. Up-sampling is nearest neighbour, down-
sampling the mean of 2x2 pixels. Both commute with a 1x1 convolution, so the
shortcuts convolve the smaller map: the same function at a quarter of the cost.
"""

import keras
from keras import ops

from deepi2i_tf.layers.conditional_batch_norm import ConditionalBatchNorm
from deepi2i_tf.layers.resampled_conv import (
    DownsampledConv,
    UpsampledConv,
    downsample,
    upsample,
)
from deepi2i_tf.layers.spectral_layers import SpectralConv


class GeneratorBlock(keras.layers.Layer):
    """Up-sampling block with conditional batch normalisation.

        h = conv3(up(relu(ccbn1(x, c))))
        y = conv3(relu(ccbn2(h, c))) + up(conv1(x))

    Call arguments:
        inputs: (batch, height, width, channels).
        condition: (batch, features).
        training: use batch statistics and let the states move.

    Returns:
        (batch, 2 height, 2 width, filters).
    """

    def __init__(self, filters: int, replicas: int = 1, **kwargs) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.norm1 = ConditionalBatchNorm(replicas=replicas, name="bn1")
        self.norm2 = ConditionalBatchNorm(replicas=replicas, name="bn2")
        self.conv1 = UpsampledConv(filters, name="conv1")
        self.conv2 = SpectralConv(filters, name="conv2")
        self.shortcut = SpectralConv(filters, 1, name="conv_sc")

    def build(self, inputs_shape, condition_shape) -> None:
        """Builds the two norms, the two convolutions and the shortcut."""
        inner = self.compute_output_shape(inputs_shape, condition_shape)
        self.norm1.build(inputs_shape, condition_shape)
        self.conv1.build(inputs_shape)
        self.norm2.build(inner, condition_shape)
        self.conv2.build(inner)
        self.shortcut.build(inputs_shape)

    def call(self, inputs, condition, training: bool = False):
        """See the class."""
        hidden = self.norm1(inputs, condition, training=training)
        hidden = self.conv1(ops.relu(hidden), training=training)
        hidden = self.norm2(hidden, condition, training=training)
        hidden = self.conv2(ops.relu(hidden), training=training)
        return hidden + upsample(self.shortcut(inputs, training=training))

    def compute_output_shape(self, inputs_shape, condition_shape) -> tuple:
        """(batch, 2 height, 2 width, filters)."""
        del condition_shape  # Only the channels of the condition's use.
        batch, height, width, _ = inputs_shape
        return (batch, 2 * height, 2 * width, self.filters)


class TrunkBlock(keras.layers.Layer):
    """Wide block of the discriminator; with or without down-sampling.

        h = conv3(relu(conv3(relu(x))));   y = down(h) + down(conv1(x))

    The first block of a trunk has no leading relu. The shortcut has a
    convolution where channels change or the block down-samples; without
    down-sampling, height and width stay.

    Call arguments:
        inputs: (batch, height, width, channels).
        training: let the power iterations' states move.

    Returns:
        (batch, height / 2, width / 2, filters), or without the halves.
    """

    def __init__(
        self,
        filters: int,
        downsamples: bool,
        preactivated: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.downsamples = downsamples
        self.preactivated = preactivated
        self.conv1 = SpectralConv(filters, name="conv1")
        second = DownsampledConv if downsamples else SpectralConv
        self.conv2 = second(filters, name="conv2")
        self.shortcut = None

    def build(self, input_shape) -> None:
        """Builds the convolutions."""
        if self.downsamples or input_shape[-1] != self.filters:
            self.shortcut = SpectralConv(self.filters, 1, name="conv_sc")
            self.shortcut.build(input_shape)
        self.conv1.build(input_shape)
        self.conv2.build((*input_shape[:-1], self.filters))

    def call(self, inputs, training: bool = False):
        """See the class."""
        hidden = ops.relu(inputs) if self.preactivated else inputs
        hidden = self.conv1(hidden, training=training)
        hidden = self.conv2(ops.relu(hidden), training=training)
        residual = downsample(inputs) if self.downsamples else inputs
        if self.shortcut is not None:
            residual = self.shortcut(residual, training=training)
        return hidden + residual

    def compute_output_shape(self, input_shape) -> tuple:
        """(batch, height / 2, width / 2, filters), or without the halves."""
        batch, height, width, _ = input_shape
        factor = 2 if self.downsamples else 1
        return (batch, height // factor, width // factor, self.filters)
