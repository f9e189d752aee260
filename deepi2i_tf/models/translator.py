"""Encoder, adaptor and generator as one model: image in, image out.

arXiv 2011.05867, section 3.1: y_hat = G(z, c, A(Psi(x))).
"""

import keras

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks import Adaptor, Encoder, Generator, build_network


class Translator(keras.Model):
    """Translates images into classes.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        z: float32, (batch, z length), standard normal.
        labels: int32, (batch,), target classes in [0, classes).
        embedding: float32, (batch, shared_dim); in place of labels.
        training: use batch statistics and let the states move.

    Returns:
        float32, (batch, R, R, 3), in [-1, 1].
    """

    def __init__(
        self,
        encoder: Encoder,
        adaptor: Adaptor,
        generator: Generator,
        **kwargs,
    ) -> None:
        super().__init__(name=kwargs.pop("name", "translator"), **kwargs)
        self.encoder = encoder
        self.adaptor = adaptor
        self.generator = generator

    def adapt(self, images, training: bool = False):
        """The adapted features A(Psi(x)) of source images, by map size."""
        features = self.encoder(images, training=training)
        return self.adaptor(features, training=training)

    def call(self, images, z=None, labels=None, embedding=None, training=False):
        """See the class."""
        return self.generator(
            z,
            adapted=self.adapt(images, training=training),
            labels=labels,
            embedding=embedding,
            training=training,
        )

    def build(self, input_shape=None) -> None:
        """The networks come built."""
        del input_shape  # Nothing of its own to make.
        self.built = True


def build_translator(config: NetworkConfig, name: str) -> Translator:
    """A translator with cheap, meaningless weights, to be assigned."""
    return Translator(
        build_network("encoder", config),
        build_network("adaptor", config),
        build_network("generator", config),
        name=name,
    )
