"""The adaptor: encoder features to generator features.

arXiv 2011.05867, section 3.2: one residual block per map size, so that a
pretrained encoder and a pretrained generator speak to each other. At R = 128,
ch = 96 it has 85,830,528 parameters; the reported 87,368,065 carries an
unused head. The paper allows the identity when both are trained from scratch.
"""

import keras

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.layers import TrunkBlock
from deepi2i_tf.networks.channels import encoder_channels, generator_channels
from deepi2i_tf.networks.configured_network import (
    PACKAGE,
    ConfiguredNetwork,
)
from deepi2i_tf.utils.errors import UserError


@keras.saving.register_keras_serializable(PACKAGE)
class Adaptor(ConfiguredNetwork):
    """One pre-activated trunk block per map size, or the identity.

    Call arguments:
        features: {map size: (batch, size, size, encoder channels)}.
        training: let the power iterations' states move.

    Returns:
        {map size: (batch, size, size, generator channels)}.

    Raises:
        UserError: for the identity where channels do not agree.
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(config, name=kwargs.pop("name", "adaptor"), **kwargs)
        incoming, outgoing = (
            encoder_channels(config),
            generator_channels(config),
        )
        if config.adaptor == "identity" and incoming != outgoing:
            raise UserError(
                "Expected the encoder's and the generator's channels to agree "
                "for --adaptor=identity. Received: encoder "
                f"{incoming}, generator {outgoing}. Use --adaptor=residual."
            )
        self.incoming = incoming
        self.blocks = {
            str(size): TrunkBlock(filters, False, name=f"block{size}")
            for size, filters in outgoing.items()
            if config.adaptor == "residual"
        }

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        for size, block in self.blocks.items():
            side = int(size)
            block.build((None, side, side, self.incoming[side]))
        self.built = True

    def call(self, features, training: bool = False):
        """See the class."""
        if not self.blocks:
            return features
        return {
            size: self.blocks[str(size)](feature, training=training)
            for size, feature in features.items()
        }
