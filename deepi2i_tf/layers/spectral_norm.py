"""Spectrally normalised dense, convolution and embedding layers.

Miyato et al., "Spectral Normalization for Generative Adversarial Networks",
arXiv 1802.05957, algorithm 1, as BigGAN (arXiv 1809.11096) uses it.

The raw kernel W is what is stored and trained. Seen as a matrix of shape
(outputs, everything else), every training forward makes one power iteration
on constants,

    v  = n(u W),   u' = n(v W^T),   n(x) = x / max(|x|, eps),
    sigma = v W^T u'^T,

with a gradient through W only, computes with W / sigma, and stores u <- u'.
At inference the same iteration runs from the stored u and stores nothing.

`keras.layers.SpectralNormalization` differs: it writes W / sigma back into
the trained kernel and drops the gradient of sigma.
"""

import keras
from keras import ops

EPSILON = 1e-6


class SpectralLayer(keras.layers.Layer):
    """A layer with one spectrally normalised weight.

    Subclasses create the weight with `add_spectral_weight` and compute with
    `normalized_weight`. The arithmetic of the norm is float32 under every
    dtype policy; u and the last sigma are non-trainable float32 weights that
    are safe to assign inside a replica, where all replicas assign one value.

    Args:
        epsilon: smallest norm that n(x) divides by.
        initializer: initializer of the weight. `networks/initial_weights.py`
            gives whole networks BigGAN's orthogonal weights.
        **kwargs: of `keras.layers.Layer`.

    Reference: arXiv 1802.05957.
    """

    def __init__(
        self, epsilon: float = EPSILON, initializer="glorot_uniform", **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.initializer = keras.initializers.get(initializer)

    def add_spectral_weight(self, name: str, shape: tuple, axis: int) -> None:
        """Creates the raw weight, u and sigma.

        Args:
            name: name of the weight, e.g. `"kernel"`.
            shape: shape of the weight.
            axis: its output axis, first or last; u has that many entries.
        """
        self.raw_weight = self.add_weight(
            name=name,
            shape=shape,
            initializer=self.initializer,
            autocast=False,
        )
        self.outputs_first = axis == 0
        self.u = self.add_weight(
            name="u",
            shape=(1, shape[axis]),
            initializer="random_normal",
            trainable=False,
            autocast=False,
            dtype="float32",
        )
        self.sigma = self.add_weight(
            name="sigma",
            shape=(),
            initializer="ones",
            trainable=False,
            autocast=False,
            dtype="float32",
        )

    def normalized_weight(self, training: bool = False):
        """W / sigma.

        Args:
            training: store the iterated u and sigma.

        Returns:
            A tensor of the weight's shape in the layer's compute dtype.
        """
        weight = ops.convert_to_tensor(self.raw_weight)
        if self.outputs_first:
            matrix = ops.transpose(weight)
        else:
            matrix = ops.reshape(weight, (-1, weight.shape[-1]))
        v = self._unit(
            ops.matmul(
                ops.convert_to_tensor(self.u),
                ops.transpose(ops.stop_gradient(matrix)),
            )
        )
        projected = ops.matmul(ops.stop_gradient(v), matrix)
        u = self._unit(ops.stop_gradient(projected))
        sigma = ops.sum(projected * u)
        if training:
            self.u.assign(u)
            self.sigma.assign(ops.stop_gradient(sigma))
        return ops.cast(weight / sigma, self.compute_dtype)

    def _unit(self, x):
        # Of the constant, not of the tape: u and v carry no gradient.
        norm = ops.sqrt(ops.sum(ops.square(x)))
        return ops.stop_gradient(x / ops.maximum(norm, self.epsilon))

    def get_config(self) -> dict:
        """Arguments that re-create the layer."""
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "initializer": keras.initializers.serialize(self.initializer),
        }


class SpectralDense(SpectralLayer):
    """Dense layer with kernel W / sigma.

    Computes `x W / sigma + b`.

    Args:
        units: length of the output.
        use_bias: add a bias.
        **kwargs: of `SpectralLayer`.

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
        outputs = ops.matmul(inputs, self.normalized_weight(training))
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


class SpectralConv(SpectralLayer):
    """2-D convolution, stride 1, "same" padding, with kernel W / sigma.

    Args:
        filters: output channels.
        kernel_size: side of the square kernel.
        use_bias: add a bias.
        **kwargs: of `SpectralLayer`.

    Call arguments:
        inputs: (batch, height, width, channels).
        training: store the iterated u and sigma.

    Returns:
        (batch, height, width, filters).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        use_bias: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.use_bias = use_bias

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
        outputs = ops.conv(
            inputs,
            self.normalized_weight(training),
            padding="same",
            data_format="channels_last",
        )
        return outputs + self.bias if self.use_bias else outputs

    def compute_output_shape(self, input_shape) -> tuple:
        """(batch, height, width, filters)."""
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict:
        """Arguments that re-create the layer."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "use_bias": self.use_bias,
        }


class SpectralEmbedding(SpectralLayer):
    """Embedding whose whole table is divided by its sigma.

    The table is (classes, units); as a matrix its output axis is the class,
    so u has one entry per class.

    Args:
        num_classes: rows of the table.
        units: length of a row.
        **kwargs: of `SpectralLayer`.

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
