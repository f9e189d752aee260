"""Convolutions joined with the up- or down-sampling beside them.

A 3x3 convolution of a map that was doubled (nearest neighbour) reads every
small pixel several times, and one whose output is averaged over 2x2 pixels is
computed four times as finely as it is kept. Both are linear, so they are one
4x4 convolution of stride 2 with summed kernels,

    conv3(up(x))   = conv4_transposed(x, k),   k = sum of the 4 shifts of w
    down(conv3(x)) = conv4(x, k / 4),

at 4 instead of 9 multiplications per pixel of the large map: the same
function to rounding. On two CPU cores, forward and backward take a fifth to a
half (up) and a half to nine tenths (down) of the time; below 16 pixels they
take longer, because the larger kernel outweighs the map.

Rounding differs, though, and where a relu stands near its kink in the trunk's
later maps, that moves gradients by about 1e-3 of their size. Down-sampling is
therefore joined only for the large maps, which cost most; the others keep to
the original's gradients within 1e-5 (`tests/parity/`).
"""

from keras import ops

from deepi2i_tf.layers.conv import convolve
from deepi2i_tf.layers.spectral_layers import SpectralConv

# Smallest maps, before up-sampling and after down-sampling.
UP_JOINED_FROM = 16
DOWN_JOINED_FROM = 64


def upsample(inputs):
    """Doubles height and width of (batch, height, width, channels)."""
    _, height, width, channels = inputs.shape
    tiled = ops.broadcast_to(
        ops.reshape(inputs, (-1, height, 1, width, 1, channels)),
        (ops.shape(inputs)[0], height, 2, width, 2, channels),
    )
    return ops.reshape(tiled, (-1, 2 * height, 2 * width, channels))


def downsample(inputs):
    """Halves height and width by the mean of 2x2 pixels."""
    # Keras 3.15 on JAX fails where strides are left to their default.
    return ops.average_pool(inputs, 2, strides=2, data_format="channels_last")


class UpsampledConv(SpectralConv):
    """conv3(up(x)), with the spectral norm of the 3x3 kernel.

    Call arguments:
        inputs: (batch, height, width, channels).
        training: store the iterated u and sigma.

    Returns:
        (batch, 2 height, 2 width, filters).
    """

    def call(self, inputs, training: bool = False):
        """See the class."""
        if inputs.shape[1] < UP_JOINED_FROM:
            return super().call(upsample(inputs), training=training)
        kernel = _sum_of_shifts(self.normalized_weight(training))
        # A transposed convolution is a convolution with a turned kernel. One
        # axis at a time: OpenVINO reads no flip of two.
        turned = ops.flip(ops.flip(kernel, axis=0), axis=1)
        kernel = ops.transpose(turned, (0, 1, 3, 2))
        outputs = ops.conv_transpose(
            inputs,
            kernel,
            strides=2,
            padding="same",
            data_format="channels_last",
        )
        return outputs + self.bias

    def compute_output_shape(self, input_shape) -> tuple:
        """(batch, 2 height, 2 width, filters)."""
        batch, height, width, _ = input_shape
        return (batch, 2 * height, 2 * width, self.filters)


class DownsampledConv(SpectralConv):
    """down(conv3(x)), with the spectral norm of the 3x3 kernel.

    Args:
        *args: of `SpectralConv`.
        joined_from: side of the smallest map for which it is one convolution.
        **kwargs: of `SpectralConv`.

    Call arguments:
        inputs: (batch, height, width, channels), even height and width.
        training: store the iterated u and sigma.

    Returns:
        (batch, height / 2, width / 2, filters).
    """

    def __init__(
        self, *args, joined_from: int = DOWN_JOINED_FROM, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.joined_from = joined_from

    def call(self, inputs, training: bool = False):
        """See the class."""
        if inputs.shape[1] // 2 < self.joined_from:
            return downsample(super().call(inputs, training=training))
        kernel = 0.25 * _sum_of_shifts(self.normalized_weight(training))
        outputs = convolve(inputs, kernel, strides=2, padding=self.padding)
        return outputs + self.bias if self.use_bias else outputs

    def compute_output_shape(self, input_shape) -> tuple:
        """(batch, height / 2, width / 2, filters)."""
        batch, height, width, _ = input_shape
        return (batch, height // 2, width // 2, self.filters)

    def get_config(self) -> dict:
        """Arguments that re-create the layer."""
        return {**super().get_config(), "joined_from": self.joined_from}


def _sum_of_shifts(kernel):
    """The 3x3 kernel convolved with a 2x2 of ones: 4x4."""
    padded = ops.pad(kernel, ((1, 1), (1, 1), (0, 0), (0, 0)))
    rows = padded[1:] + padded[:-1]
    return rows[:, 1:] + rows[:, :-1]
