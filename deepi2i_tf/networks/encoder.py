"""The hierarchical encoder Psi (arXiv 2011.05867, section 3.2).

The trunk of the discriminator without its head. At R = 128, ch = 96 it has
86,444,833 parameters; the reported 87,982,370 carries an unused head.
"""

import keras

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks.configured_network import (
    PACKAGE,
    ConfiguredNetwork,
)
from deepi2i_tf.networks.trunk import Trunk


@keras.saving.register_keras_serializable(PACKAGE)
class Encoder(ConfiguredNetwork):
    """Source image to a hierarchy of features.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        training: let the power iterations' states move.

    Returns:
        {map size: (batch, size, size, channels)}.
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(config, name=kwargs.pop("name", "encoder"), **kwargs)
        self.images_shape = (None, config.resolution, config.resolution, 3)
        self.trunk = Trunk(config, name="trunk")

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        self.trunk.build(self.images_shape)
        self.built = True

    def call(self, images, training: bool = False):
        """See the class."""
        return self.trunk(images, training=training)
