"""The trunk of BigGAN's discriminator, which is also DeepI2I's encoder.

arXiv 1809.11096, appendix B, and arXiv 2011.05867, section 3.2. Features are
the last map of each resolution, after self-attention. The one of 4x4 is taken
after the trunk's final relu: the original activates in place, so that is what
its encoder and its reconstruction loss see.
"""

import keras
from keras import ops

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.layers import SelfAttention, TrunkBlock
from deepi2i_tf.networks.channels import BOTTOM, channels, feature_resolutions


class Trunk(keras.layers.Layer):
    """Image to features.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        training: let the power iterations' states move.

    Returns:
        {map size: (batch, size, size, channels)}; the 4x4 one is not
        negative and is the trunk's output.
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(**kwargs)
        row = channels(config)
        self.resolution = config.resolution
        self.blocks, self.attentions = [], []
        size = config.resolution
        for index, (out, halves) in enumerate(
            zip(row.trunk_out, row.trunk_downsamples, strict=True)
        ):
            size = size // 2 if halves else size
            self.blocks.append(
                TrunkBlock(out, halves, index > 0, name=f"block{index}")
            )
            attends = halves and size in config.attention_resolutions
            self.attentions.append(
                SelfAttention(name=f"attention{index}") if attends else None
            )

    def build(self, images_shape) -> None:
        """Builds blocks and attentions."""
        shape = images_shape
        for block, attention in zip(self.blocks, self.attentions, strict=True):
            block.build(shape)
            shape = block.compute_output_shape(shape)
            if attention is not None:
                attention.build(shape)

    def call(self, images, training: bool = False):
        """See the class."""
        hidden, features = images, {}
        for block, attention in zip(self.blocks, self.attentions, strict=True):
            hidden = block(hidden, training=training)
            if attention is not None:
                hidden = attention(hidden, training=training)
            features[hidden.shape[1]] = hidden
        features[BOTTOM] = ops.relu(hidden)
        return {r: features[r] for r in feature_resolutions(self.resolution)}
