"""Convolutions with PyTorch's padding, for networks that were defined by it.

A kernel of side k is padded by (k - 1) // 2 pixels on every side, with zeros or
by reflection (the edge pixel is not repeated). Of zeros, that is "same" for
odd k and, on even sizes, for k = 4 with stride 2.
"""

from collections.abc import Iterable

import keras
from keras import ops

from deepi2i_tf.layers.patches import strided_patches
from deepi2i_tf.utils.backend import custom_gradient

PADDINGS = ("zeros", "reflect", "valid")
# Strided, on zero-padded maps up to this side: see `patches.py`. At 128 px and
# ch 64 the critic's last two layers are a tenth of a StarGAN's least work, and
# were half of its time (batch 4) as convolutions.
PRODUCT_UP_TO = 8


def convolve(inputs, kernel, strides: int = 1, padding: str = "zeros"):
    """The convolution of maps with a kernel.

    Args:
        inputs: (batch, height, width, channels).
        kernel: (side, side, channels, filters).
        strides: of both axes; divides height and width.
        padding: one of `PADDINGS`.
    """
    small = inputs.shape[1] <= PRODUCT_UP_TO
    if padding == "zeros" and strides > 1 and small:
        return _convolve_by_product(inputs, kernel, strides)
    margin = (kernel.shape[0] - 1) // 2
    if padding == "reflect" and margin:
        inputs = reflected(inputs, margin)
    return ops.conv(
        inputs,
        kernel,
        strides=strides,
        padding="same" if padding == "zeros" else "valid",
        data_format="channels_last",
    )


def reflected(maps, margin: int):
    """Maps with a border of reflected pixels, without the edge itself.

    Both ways are in slices. On CPUs TensorFlow's `MirrorPad` takes a few times
    as long, and its gradient as long as some of the convolutions behind it.

    Args:
        maps: (batch, height, width, channels).
        margin: pixels on every side, less than height and width.
    """

    @custom_gradient
    def pad(maps):
        def gradient(upstream):
            return _folded(_folded(upstream, margin, 1), margin, 2)

        return _bordered(_bordered(maps, margin, 1), margin, 2), gradient

    return pad(maps)


def _bordered(maps, margin: int, axis: int):
    """Reflects both ends of one axis."""
    last = maps.shape[axis] - 1
    near = _turned(maps, axis, 1, margin + 1)
    far = _turned(maps, axis, last - margin, last)
    return ops.concatenate([near, maps, far], axis=axis)


def _folded(maps, margin: int, axis: int):
    """Adds both borders of one axis to the pixels that they reflect."""
    size = maps.shape[axis]
    rest = size - 3 * margin - 1
    margins = [(0, 0)] * len(maps.shape)
    near, far = list(margins), list(margins)
    near[axis], far[axis] = (1, rest), (rest, 1)
    inner = _part(maps, axis, margin, size - margin)
    inner += ops.pad(_turned(maps, axis, 0, margin), near)
    return inner + ops.pad(_turned(maps, axis, size - margin, size), far)


def _turned(maps, axis: int, start: int, stop: int):
    """A part of one axis, backwards."""
    part = _part(maps, axis, start, stop)
    return part if stop - start == 1 else ops.flip(part, axis=axis)


def _part(maps, axis: int, start: int, stop: int):
    return maps[(*[slice(None)] * axis, slice(start, stop))]


def _convolve_by_product(inputs, kernel, strides: int):
    """The same as a product of windows and kernel.

    `strides` divides the sides of maps and kernel.
    """
    side, _, channels, filters = kernel.shape
    _, height, width, _ = inputs.shape
    outputs = ops.matmul(
        strided_patches(inputs, side, strides),
        ops.reshape(kernel, (side * side * channels, filters)),
    )
    return ops.reshape(
        outputs, (-1, height // strides, width // strides, filters)
    )


def convolve_up(inputs, kernel):
    """The transposed convolution of stride 2, which doubles the sides.

    `kernel` is (4, 4, filters, channels) where `inputs` are (batch, height,
    width, channels).
    """
    return ops.conv_transpose(
        inputs, kernel, strides=2, padding="same", data_format="channels_last"
    )


class ConvShape:
    """What a convolution with or without spectral norm says of itself."""

    def compute_output_shape(self, input_shape) -> tuple:
        """The shape of the maps that it gives."""
        batch, *sides, _ = input_shape
        lost = self.kernel_size - 1 if self.padding == "valid" else 0
        height, width = (-(-(side - lost) // self.strides) for side in sides)
        return (batch, height, width, self.filters)

    def get_config(self) -> dict:
        """Arguments that re-create the layer."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "use_bias": self.use_bias,
        }


class UpConvShape:
    """What a transposed convolution of stride 2 says of itself."""

    def compute_output_shape(self, input_shape) -> tuple:
        """(batch, 2 height, 2 width, filters)."""
        batch, height, width, _ = input_shape
        return (batch, 2 * height, 2 * width, self.filters)

    def get_config(self) -> dict:
        """Arguments that re-create the layer."""
        return {**super().get_config(), "filters": self.filters}


class Conv(ConvShape, keras.layers.Layer):
    """2-D convolution with PyTorch's padding.

    Call arguments:
        inputs: (batch, height, width, channels).

    Returns:
        (batch, height / strides, width / strides, filters), less the kernel's
        side - 1 where padding is "valid".
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        strides: int = 1,
        padding: str = "zeros",
        use_bias: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.use_bias = use_bias

    def build(self, input_shape) -> None:
        """Creates kernel (side, side, channels, filters) and bias."""
        side = self.kernel_size
        self.kernel = self.add_weight(
            name="kernel", shape=(side, side, input_shape[-1], self.filters)
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.filters,), initializer="zeros"
            )

    def call(self, inputs):
        """See the class."""
        outputs = convolve(inputs, self.kernel, self.strides, self.padding)
        return outputs + self.bias if self.use_bias else outputs


class UpConv(UpConvShape, keras.layers.Layer):
    """Transposed convolution, side 4, stride 2, without a bias.

    Call arguments:
        inputs: (batch, height, width, channels).

    Returns:
        (batch, 2 height, 2 width, filters).
    """

    def __init__(self, filters: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.filters = filters

    def build(self, input_shape) -> None:
        """Creates kernel (4, 4, filters, channels)."""
        self.kernel = self.add_weight(
            name="kernel", shape=(4, 4, self.filters, input_shape[-1])
        )

    def call(self, inputs):
        """See the class."""
        return convolve_up(inputs, self.kernel)


def build_in_turn(layers: Iterable[keras.layers.Layer], shape: tuple) -> tuple:
    """Builds layers, each on what the one before it gives.

    Returns:
        The shape that the last one gives.
    """
    for layer in layers:
        layer.build(shape)
        shape = layer.compute_output_shape(shape)
    return shape
