"""DMIT's encoders: of an image's content, and of its style.

Yu et al., arXiv 1909.07877, as the released code (Xiaoming-Yu/DMIT 311cb43)
has them. At ch = 64 they have 5,383,360 and, with styles of 8, 1,343,120
parameters.
"""

import keras
from keras import ops

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.layers.conv import build_in_turn
from deepi2i_tf.layers.dmit_blocks import (
    EPSILON,
    SLOPE,
    DownBlock,
    InstanceBlock,
    reflected_conv,
)
from deepi2i_tf.layers.instance_norm import normalize
from deepi2i_tf.layers.leaky_relu import leaky_relu
from deepi2i_tf.layers.spectral_layers import SpectralDense
from deepi2i_tf.networks.configured_network import PACKAGE, ConfiguredNetwork
from deepi2i_tf.utils.backend import accumulation_dtype, upcast

BLOCKS = 4
MOST_CHANNELS = 256


@keras.saving.register_keras_serializable(PACKAGE)
class ContentEncoder(ConfiguredNetwork):
    """Image to content.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        training: let the power iterations' states move.

    Returns:
        (batch, R / 4, R / 4, 4 ch).
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(
            config, name=kwargs.pop("name", "content_encoder"), **kwargs
        )
        self.images_shape = (None, config.resolution, config.resolution, 3)
        self.convs = [
            reflected_conv(
                config.ch * times,
                side,
                strides,
                use_bias=False,
                name=f"conv{index}",
            )
            for index, (times, side, strides) in enumerate(
                [(1, 7, 1), (2, 4, 2), (4, 4, 2)]
            )
        ]
        self.blocks = [InstanceBlock(name=f"block{i}") for i in range(BLOCKS)]

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        build_in_turn([*self.convs, *self.blocks], self.images_shape)
        self.built = True

    def call(self, images, training: bool = False):
        """See the class."""
        hidden = images
        for conv in self.convs:
            hidden = leaky_relu(
                normalize(conv(hidden, training=training)), SLOPE
            )
        for block in self.blocks:
            hidden = block(hidden, training=training)
        return hidden


@keras.saving.register_keras_serializable(PACKAGE)
class StyleEncoder(ConfiguredNetwork):
    """Image to the mean and the log variance of its style.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        training: let the power iterations' states move.

    Returns:
        mu and log sigma^2, float32, (batch, z length) each.
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(
            config, name=kwargs.pop("name", "style_encoder"), **kwargs
        )
        self.images_shape = (None, config.resolution, config.resolution, 3)
        widths = [min(MOST_CHANNELS, config.ch * n) for n in (2, 3, 4)]
        self.pooled_shape = (None, widths[-1])
        self.head = reflected_conv(config.ch, 4, 2, name="head")
        self.blocks = [
            DownBlock(width, name=f"block{index}")
            for index, width in enumerate(widths)
        ]
        # The mean over space and what feeds the losses are float32 under every
        # policy.
        wide = accumulation_dtype(self.compute_dtype)
        self.mean, self.log_variance = (
            SpectralDense(config.dim_z, epsilon=EPSILON, name=name, dtype=wide)
            for name in ("mean", "log_variance")
        )

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        build_in_turn([self.head, *self.blocks], self.images_shape)
        self.mean.build(self.pooled_shape)
        self.log_variance.build(self.pooled_shape)
        self.built = True

    def call(self, images, training: bool = False):
        """See the class."""
        hidden = self.head(images, training=training)
        for block in self.blocks:
            hidden = block(hidden, training=training)
        pooled = ops.mean(upcast(leaky_relu(hidden, SLOPE)), axis=(1, 2))
        return (
            self.mean(pooled, training=training),
            self.log_variance(pooled, training=training),
        )
