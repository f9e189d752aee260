"""Self-attention over the pixels of a map (SAGAN, arXiv 1805.08318).

As BigGAN uses it: with 1x1 spectral convolutions without bias theta and phi
(channels / 8), g (channels / 2) and o (channels), phi and g max-pooled by 2,

    beta = softmax(theta(x) phi(x)^T),   y = gamma o(beta g(x)) + x,

gamma a trained scalar that starts at 0.
"""

import keras
from keras import ops

from deepi2i_tf.layers.spectral_layers import SpectralConv
from deepi2i_tf.utils.backend import custom_gradient, upcast


class SelfAttention(keras.layers.Layer):
    """Adds to every pixel what it attends to in the pooled map.

    Call arguments:
        inputs: (batch, height, width, channels), even height and width.
        training: make the power iterations' states move.

    Reference: arXiv 1805.08318, section 3.
    """

    def build(self, input_shape) -> None:
        """Creates theta, phi, g, o and gamma."""
        channels = input_shape[-1]
        narrow, half = max(channels // 8, 1), max(channels // 2, 1)

        def conv(filters: int, name: str) -> SpectralConv:
            return SpectralConv(filters, 1, use_bias=False, name=name)

        self.theta = conv(narrow, "theta")
        self.phi = conv(narrow, "phi")
        self.g = conv(half, "g")
        self.o = conv(channels, "o")
        for layer in (self.theta, self.phi, self.g):
            layer.build(input_shape)
        self.o.build((*input_shape[:-1], half))
        self.gamma = self.add_weight(
            name="gamma", shape=(), initializer="zeros"
        )

    def call(self, inputs, training: bool = False):
        """See the class."""
        _, height, width, _ = inputs.shape
        pixels = height * width
        queries = self.theta(inputs, training=training)
        keys = _pool(self.phi(inputs, training=training))
        values = _pool(self.g(inputs, training=training))
        queries = ops.reshape(queries, (-1, pixels, queries.shape[-1]))
        keys = ops.reshape(keys, (-1, pixels // 4, keys.shape[-1]))
        values = ops.reshape(values, (-1, pixels // 4, values.shape[-1]))
        attended = ops.reshape(
            attend(queries, keys, values),
            (-1, height, width, values.shape[-1]),
        )
        return self.gamma * self.o(attended, training=training) + inputs

    def compute_output_shape(self, input_shape) -> tuple:
        """The inputs' shape."""
        return input_shape


def attend(queries, keys, values):
    """softmax(q k^T) v, with its gradient written out.

    The weights beta are by far the largest map of a network. With out =
    beta v, the sum in the gradient of the softmax,

        grad S = beta * (grad beta - sum over keys of beta grad beta),

    is the one of `grad out * out`, over the channels (FlashAttention, arXiv
    2205.14135, appendix B.2): one array of beta's size instead of three.

    Args:
        queries: (batch, pixels, narrow).
        keys: (batch, pooled pixels, narrow).
        values: (batch, pooled pixels, channels).

    Returns:
        (batch, pixels, channels).
    """

    @custom_gradient
    def weigh(queries, keys, values):
        beta = ops.softmax(ops.matmul(queries, _turned(keys)), axis=-1)
        outputs = ops.matmul(beta, values)

        def gradient(upstream):
            total = ops.sum(
                upcast(upstream) * upcast(outputs), axis=-1, keepdims=True
            )
            by_beta = ops.matmul(upstream, _turned(values))
            by_scores = beta * (by_beta - ops.cast(total, beta.dtype))
            return (
                ops.matmul(by_scores, keys),
                ops.matmul(_turned(by_scores), queries),
                ops.matmul(_turned(beta), upstream),
            )

        return outputs, gradient

    return weigh(queries, keys, values)


def _turned(matrices):
    return ops.transpose(matrices, (0, 2, 1))


def _pool(maps):
    # Keras 3.15 on JAX fails where strides are left to their default.
    return ops.max_pool(maps, 2, strides=2, data_format="channels_last")
