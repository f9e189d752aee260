"""Batch normalisation, plain and conditional.

Ioffe and Szegedy, arXiv 1502.03167; conditional as in BigGAN
(arXiv 1809.11096, appendix B): gain and bias are spectrally normalised linear
functions of a condition vector. Equations, with eps 1e-5 and momentum 0.9:

    training:   x_hat = (x - mean(x)) / sqrt(var(x) + eps)
                moving <- 0.9 moving + 0.1 batch
    inference:  x_hat = (x - moving_mean) / sqrt(moving_variance + eps)
    plain:        y = gain x_hat + bias
    conditional:  y = (1 + gain(c)) x_hat + bias(c)

The moving variance takes the unbiased batch variance, n / (n - 1) times the
one that normalises, as PyTorch does; `keras.layers.BatchNormalization` stores
the biased one, and turns to its moving statistics when it is not trainable.
"""

import keras
from keras import ops

from deepi2i_tf.layers.spectral_layers import SpectralDense
from deepi2i_tf.utils.backend import accumulation_dtype, upcast

MOMENTUM = 0.9
EPSILON = 1e-5


class BatchStatistics(keras.layers.Layer):
    """Mean and variance of a batch of maps, and their moving averages.

    They are those of the batches of all `replicas` together; `momentum` is the
    decay of the averages, `epsilon` is added to the variance.
    """

    def __init__(
        self,
        replicas: int = 1,
        momentum: float = MOMENTUM,
        epsilon: float = EPSILON,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.replicas = replicas
        self.momentum = momentum
        self.epsilon = epsilon

    def build(self, input_shape) -> None:
        """Creates the moving statistics, float32 (channels,)."""
        for name, start in (("mean", "zeros"), ("variance", "ones")):
            weight = self.add_weight(
                name=f"moving_{name}",
                shape=(input_shape[-1],),
                initializer=start,
                trainable=False,
                autocast=False,
                dtype=accumulation_dtype(self.variable_dtype),
            )
            setattr(self, f"moving_{name}", weight)

    def statistics(self, inputs, training: bool):
        """Mean and 1 / sqrt(variance + eps), float32 (1, 1, 1, channels).

        In training they are the batch's, and the averages move.
        """
        shape = (1, 1, 1, -1)
        if not training:
            mean = ops.convert_to_tensor(self.moving_mean)
            variance = ops.convert_to_tensor(self.moving_variance)
        else:
            mean, variance = ops.moments(
                upcast(inputs),
                axes=[0, 1, 2],
                synchronized=self.replicas > 1,
            )
            self._move(mean, variance, inputs)
        scale = ops.rsqrt(variance + self.epsilon)
        return ops.reshape(mean, shape), ops.reshape(scale, shape)

    def _move(self, mean, variance, inputs) -> None:
        batch, height, width, _ = ops.shape(inputs)
        count = ops.cast(batch * height * width * self.replicas, variance.dtype)
        unbiased = variance * (count / ops.maximum(count - 1.0, 1.0))
        for moving, batch in (
            (self.moving_mean, mean),
            (self.moving_variance, unbiased),
        ):
            batch = ops.stop_gradient(batch)
            moving.assign(
                self.momentum * moving + (1.0 - self.momentum) * batch
            )

    def get_config(self) -> dict:
        """Arguments that re-create the layer."""
        return {
            **super().get_config(),
            "replicas": self.replicas,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
        }


class BatchNorm(BatchStatistics):
    """Batch normalisation with a trained gain and bias.

    Call arguments:
        inputs: (batch, height, width, channels).
        training: use the batch's statistics and move the averages.
    """

    def build(self, input_shape) -> None:
        """Creates statistics, gain (ones) and bias (zeros)."""
        super().build(input_shape)
        shape = (input_shape[-1],)
        for name, start in (("gain", "ones"), ("bias", "zeros")):
            weight = self.add_weight(
                name=name, shape=shape, initializer=start, autocast=False
            )
            setattr(self, name, weight)

    def call(self, inputs, training: bool = False):
        """See the class."""
        mean, scale = self.statistics(inputs, training)
        return _affine(inputs, mean, scale * self.gain, self.bias)


class ConditionalBatchNorm(BatchStatistics):
    """Batch normalisation whose gain and bias depend on a condition.

    Call arguments:
        inputs: (batch, height, width, channels).
        condition: (batch, features).
        training: use the batch's statistics and move the averages.
    """

    def build(self, inputs_shape, condition_shape) -> None:
        """Creates statistics and the two spectral dense layers."""
        super().build(inputs_shape)
        channels = inputs_shape[-1]
        self.gain = SpectralDense(channels, use_bias=False, name="gain")
        self.bias = SpectralDense(channels, use_bias=False, name="bias")
        self.gain.build(condition_shape)
        self.bias.build(condition_shape)

    def call(self, inputs, condition, training: bool = False):
        """See the class."""
        mean, scale = self.statistics(inputs, training)
        gain = self.gain(condition, training=training)[:, None, None, :]
        bias = self.bias(condition, training=training)[:, None, None, :]
        gain = scale * (1.0 + upcast(gain))
        return _affine(inputs, mean, gain, upcast(bias))


def _affine(inputs, mean, gain, bias):
    # One multiplication and one addition per pixel: the rest is per channel.
    offset = bias - mean * gain
    return inputs * ops.cast(gain, inputs.dtype) + ops.cast(
        offset, inputs.dtype
    )
