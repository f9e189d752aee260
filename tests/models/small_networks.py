"""The players at their smallest: a spectral convolution, a batch norm each.

What sums over replicas must be exact in is all there: batch statistics, power
iterations, gradients of sliced embeddings, a conditional input.
"""

import keras
import numpy as np
from keras import ops

from deepi2i_tf.layers import (
    BatchNorm,
    SpectralConv,
    SpectralDense,
    SpectralEmbedding,
)
from deepi2i_tf.models import Translator
from deepi2i_tf.networks import Networks, z_length
from tests.networks.tiny import CONFIG

# Side of the one feature map.
SIZE = 8
CHANNELS = 4


class SmallEncoder(keras.Model):
    """Image to {8: map}."""

    def __init__(self) -> None:
        super().__init__(name="encoder")
        self.conv = SpectralConv(CHANNELS, name="conv")

    def call(self, images, training=False):
        maps = self.conv(images, training=training)
        side = CONFIG.resolution // SIZE
        return {SIZE: ops.average_pool(maps, side, side)}


class SmallAdaptor(keras.Model):
    """A convolution of the map."""

    def __init__(self) -> None:
        super().__init__(name="adaptor")
        self.conv = SpectralConv(CHANNELS, name="conv")

    def call(self, features, training=False):
        return {SIZE: self.conv(features[SIZE], training=training)}


class SmallGenerator(keras.Model):
    """z, class and map through a batch norm and a convolution, enlarged."""

    def __init__(self, replicas: int) -> None:
        super().__init__(name="generator")
        self.shared = keras.layers.Embedding(
            CONFIG.num_classes, CHANNELS, name="shared"
        )
        self.dense = SpectralDense(CHANNELS, name="dense")
        self.norm = BatchNorm(replicas=replicas, name="norm")
        self.conv = SpectralConv(3, name="conv")

    def call(
        self, z, adapted=None, labels=None, embedding=None, training=False
    ):
        condition = self.shared(labels) + self.dense(z, training=training)
        hidden = ops.tile(condition[:, None, None], (1, SIZE, SIZE, 1))
        if adapted is not None:
            hidden = hidden + adapted[SIZE]
        hidden = ops.relu(self.norm(hidden, training=training))
        image = ops.tanh(self.conv(hidden, training=training))
        side = CONFIG.resolution // SIZE
        return ops.repeat(ops.repeat(image, side, axis=1), side, axis=2)


class SmallDiscriminator(keras.Model):
    """A score by projection, and {8: map}."""

    def __init__(self) -> None:
        super().__init__(name="discriminator")
        self.conv = SpectralConv(CHANNELS, name="conv")
        self.dense = SpectralDense(1, name="dense")
        self.embedding = SpectralEmbedding(
            CONFIG.num_classes, CHANNELS, name="embed"
        )

    def call(self, images, labels, training=False):
        maps = ops.relu(self.conv(images, training=training))
        side = CONFIG.resolution // SIZE
        pooled = ops.sum(maps, axis=(1, 2)) / 100.0
        projected = self.embedding(labels, training=training) * pooled
        scores = self.dense(pooled, training=training)
        scores = scores + ops.sum(projected, axis=-1, keepdims=True)
        return scores, {SIZE: ops.average_pool(maps, side, side)}


def small_networks(replicas: int = 1, seed: int = 0) -> Networks:
    """The four, built, with weights of a seed."""
    encoder, adaptor = SmallEncoder(), SmallAdaptor()
    generator, discriminator = SmallGenerator(replicas), SmallDiscriminator()
    side = CONFIG.resolution
    images, labels = np.zeros((1, side, side, 3), "f"), np.zeros(1, "i")
    adapted = adaptor(encoder(images))
    z = np.zeros((1, z_length(CONFIG)), "f")
    generator(z, adapted=adapted, labels=labels)
    discriminator(images, labels)
    stream = np.random.default_rng(seed)
    made = Networks(encoder, adaptor, generator, discriminator)
    for _, network in made.items():
        for weight in network.weights:
            weight.assign(stream.uniform(-0.5, 1.0, weight.shape))
    return made


def small_translator() -> Translator:
    """A translator whose weights wait to be assigned."""
    made = small_networks()
    return Translator(
        made.encoder, made.adaptor, made.generator, name="averaged"
    )
