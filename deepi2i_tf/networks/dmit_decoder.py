"""DMIT's decoder: content, class and style to an image.

Yu et al., arXiv 1909.07877, as the released code (Xiaoming-Yu/DMIT 311cb43)
has it. At ch = 64 and with styles of 8 it has 7,770,691 + 3,072 C parameters.
"""

import keras
from keras import ops

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.layers.conv import build_in_turn
from deepi2i_tf.layers.dmit_blocks import (
    EPSILON,
    CentralBlock,
    reflected_conv,
)
from deepi2i_tf.layers.instance_norm import MapNorm
from deepi2i_tf.layers.spectral_layers import SpectralUpConv
from deepi2i_tf.networks.configured_network import PACKAGE, ConfiguredNetwork
from deepi2i_tf.utils.backend import upcast

BLOCKS = 6


@keras.saving.register_keras_serializable(PACKAGE)
class DMITDecoder(ConfiguredNetwork):
    """(content, class, style) to image.

    Call arguments:
        content: (batch, R / 4, R / 4, 4 ch).
        style: float32, (batch, z length).
        labels: int32, (batch,), in [0, classes).
        embedding: float32, (batch, classes); in place of labels, e.g. a
            mixture of two rows of `embed`.
        training: let the power iterations' states move.

    Returns:
        float32, (batch, R, R, 3), in [-1, 1].
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(config, name=kwargs.pop("name", "decoder"), **kwargs)
        side = config.resolution // 4
        self.content_shape = (None, side, side, 4 * config.ch)
        self.condition_shape = (None, config.num_classes + config.dim_z)
        self.blocks = [CentralBlock(name=f"block{i}") for i in range(BLOCKS)]
        self.ups = []
        for index, times in enumerate((2, 1)):
            conv = SpectralUpConv(
                config.ch * times, epsilon=EPSILON, name=f"up{index}"
            )
            self.ups += [conv, MapNorm(name=f"up_norm{index}")]
        self.last = reflected_conv(3, 7, name="last")

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        for block in self.blocks:
            block.build(self.content_shape, self.condition_shape)
        build_in_turn([*self.ups, self.last], self.content_shape)
        self.built = True

    def embed(self, labels):
        """One-hot rows of classes, float32 (batch, classes)."""
        return ops.one_hot(labels, self.config.num_classes)

    def call(self, content, style, labels=None, embedding=None, training=False):
        """See the class."""
        rows = self.embed(labels) if embedding is None else embedding
        condition = ops.concatenate([ops.cast(rows, style.dtype), style], -1)
        hidden = content
        for block in self.blocks:
            hidden = block(hidden, condition, training=training)
        for conv, norm in zip(self.ups[::2], self.ups[1::2], strict=True):
            hidden = ops.relu(norm(conv(hidden, training=training)))
        return ops.tanh(upcast(self.last(hidden, training=training)))
