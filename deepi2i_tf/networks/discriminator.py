"""The projection discriminator (arXiv 1802.05637; arXiv 1809.11096).

Trunk, relu, sum over space to h; score = <w, h> + b + <embed(y), h>. At
R = 128, ch = 96, C = 1000 it has 87,982,370 parameters, the published number.
"""

import keras
from keras import ops

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.layers import SpectralDense, SpectralEmbedding
from deepi2i_tf.networks.channels import BOTTOM, channels
from deepi2i_tf.networks.configured_network import (
    PACKAGE,
    ConfiguredNetwork,
)
from deepi2i_tf.networks.trunk import Trunk
from deepi2i_tf.utils.backend import accumulation_dtype, upcast


@keras.saving.register_keras_serializable(PACKAGE)
class Discriminator(ConfiguredNetwork):
    """(image, class) to score and features.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        labels: int32, (batch,), in [0, classes).
        training: let the power iterations' states move.

    Returns:
        Scores, float32, (batch, 1), any real number, and the trunk's
        features {map size: (batch, size, size, channels)}.
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(
            config, name=kwargs.pop("name", "discriminator"), **kwargs
        )
        self.images_shape = (None, config.resolution, config.resolution, 3)
        self.pooled_shape = (None, channels(config).trunk_out[-1])
        self.trunk = Trunk(config, name="trunk")
        wide = accumulation_dtype(self.compute_dtype)
        # Sums over space and scores run in float32 under every policy: they
        # add many terms and feed the losses.
        self.linear = SpectralDense(1, name="linear", dtype=wide)
        self.embedding = SpectralEmbedding(
            config.num_classes,
            self.pooled_shape[-1],
            name="embed",
            dtype=wide,
        )

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        self.trunk.build(self.images_shape)
        self.linear.build(self.pooled_shape)
        self.embedding.build((None,))
        self.built = True

    def call(self, images, labels, training: bool = False):
        """See the class."""
        features = self.trunk(images, training=training)
        pooled = _pooled(features)
        rows = self.embedding(labels, training=training)
        scores = self.linear(pooled, training=training)
        scores = scores + ops.sum(rows * pooled, axis=-1, keepdims=True)
        return scores, features

    def score_without_class(self, features):
        """<w, h> + b of its features, (batch, 1); no state moves."""
        return self.linear(_pooled(features), training=False)


def _pooled(features):
    return ops.sum(upcast(features[BOTTOM]), axis=(1, 2))
