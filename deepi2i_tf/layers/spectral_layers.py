"""Spectrally normalised dense, convolution and embedding layers.

What `keras.layers.Dense`, `Conv2D` and `Embedding` compute, with W / sigma in
place of W; see `spectral_norm.py`.
"""

from keras import ops

from deepi2i_tf.layers.conv import (
    ConvShape,
    UpConvShape,
    convolve,
    convolve_up,
)
from deepi2i_tf.layers.patches import patches
from deepi2i_tf.layers.spectral_norm import SpectralLayer

# Images that a batch of unknown size is taken for.
USUAL_BATCH = 8


class SpectralDense(SpectralLayer):
    """Dense layer with kernel W / sigma.

    Computes `x W / sigma + b`.

    Call arguments:
        inputs: (batch, features).
        training: store the iterated u and sigma.

    Returns:
        (batch, units).
    """

    def __init__(self, units: int, use_bias: bool = True, **kwargs) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.use_bias = use_bias

    def build(self, input_shape) -> None:
        """Creates kernel (features, units), u (1, units) and bias."""
        self.add_spectral_weight(
            "kernel", (input_shape[-1], self.units), axis=-1
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.units,), initializer="zeros"
            )

    def call(self, inputs, training: bool = False):
        """See the class."""
        outputs = self.product(inputs, training)
        return outputs + self.bias if self.use_bias else outputs

    def compute_output_shape(self, input_shape) -> tuple:
        """(batch, units)."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict:
        """Arguments that re-create the layer."""
        return {
            **super().get_config(),
            "units": self.units,
            "use_bias": self.use_bias,
        }


class SpectralConv(ConvShape, SpectralLayer):
    """2-D convolution with kernel W / sigma, padded as in `conv.py`.

    Of stride 1 and padded with zeros, where the kernel outweighs the map, it is
    a matrix product; see `patches.py`.

    Call arguments:
        inputs: (batch, height, width, channels).
        training: store the iterated u and sigma.

    Returns:
        (batch, height / strides, width / strides, filters).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        use_bias: bool = True,
        strides: int = 1,
        padding: str = "zeros",
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.use_bias = use_bias
        self.strides = strides
        self.padding = padding

    def build(self, input_shape) -> None:
        """Creates kernel (size, size, channels, filters), u and bias."""
        size = self.kernel_size
        self.add_spectral_weight(
            "kernel", (size, size, input_shape[-1], self.filters), axis=-1
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.filters,), initializer="zeros"
            )

    def call(self, inputs, training: bool = False):
        """See the class."""
        if self._outweighs(inputs.shape):
            rows = self.product(patches(inputs, self.kernel_size), training)
            outputs = ops.reshape(rows, (-1, *inputs.shape[1:-1], self.filters))
        else:
            outputs = convolve(
                inputs,
                self.normalized_weight(training),
                self.strides,
                self.padding,
            )
        return outputs + self.bias if self.use_bias else outputs

    def _outweighs(self, shape: tuple) -> bool:
        """Whether the kernel is at least as large as all patches."""
        if self.strides > 1 or self.padding != "zeros":
            return False
        batch, height, width, _ = shape
        images = USUAL_BATCH if batch is None else batch
        return images * height * width <= self.filters


class SpectralUpConv(UpConvShape, SpectralLayer):
    """Transposed convolution, side 4, stride 2, no bias, kernel W / sigma.

    Call arguments:
        inputs: (batch, height, width, channels).
        training: store the iterated u and sigma.

    Returns:
        (batch, 2 height, 2 width, filters).
    """

    def __init__(self, filters: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.filters = filters

    def build(self, input_shape) -> None:
        """Creates kernel (4, 4, channels, filters) and u (1, filters)."""
        self.add_spectral_weight(
            "kernel", (4, 4, input_shape[-1], self.filters), axis=-1
        )

    def call(self, inputs, training: bool = False):
        """See the class."""
        kernel = self.normalized_weight(training)
        return convolve_up(inputs, ops.transpose(kernel, (0, 1, 3, 2)))


class SpectralEmbedding(SpectralLayer):
    """Embedding whose whole table is divided by its sigma.

    The table is (classes, units); as a matrix its output axis is the class,
    so u has one entry per class.

    Call arguments:
        labels: int32, (batch,), in [0, classes).
        training: store the iterated u and sigma.

    Returns:
        (batch, units).
    """

    def __init__(self, num_classes: int, units: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.num_classes = num_classes
        self.units = units

    def build(self, input_shape) -> None:
        """Creates embeddings (classes, units) and u (1, classes)."""
        del input_shape  # The table does not depend on the batch.
        self.add_spectral_weight(
            "embeddings", (self.num_classes, self.units), axis=0
        )

    def call(self, labels, training: bool = False):
        """See the class."""
        return ops.take(self.normalized_weight(training), labels, axis=0)

    def compute_output_shape(self, input_shape) -> tuple:
        """(batch, units)."""
        return (*input_shape, self.units)

    def get_config(self) -> dict:
        """Arguments that re-create the layer."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "units": self.units,
        }
