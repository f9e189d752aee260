"""BigGAN's generator with DeepI2I's injected features.

arXiv 1809.11096, appendix B; arXiv 2011.05867, eq. 4:

    h_l <- h_l + w_l A_l

at 4x4 before the first block, and at 8, 16, 32 after the block of that size
(after its attention), as far as the size is at most R / 4. At R = 128,
ch = 96, C = 1000 it has 70,433,988 parameters, the published number.
"""

import keras
from keras import ops

from deepi2i_tf.config import FEATURE_RESOLUTIONS, NetworkConfig
from deepi2i_tf.layers import (
    BatchNorm,
    GeneratorBlock,
    SelfAttention,
    SpectralConv,
    SpectralDense,
)
from deepi2i_tf.networks.channels import BOTTOM, channels, z_slots
from deepi2i_tf.networks.configured_network import (
    PACKAGE,
    ConfiguredNetwork,
)
from deepi2i_tf.utils.backend import upcast


@keras.saving.register_keras_serializable(PACKAGE)
class Generator(ConfiguredNetwork):
    """(z, class, adapted features) to image.

    z is cut into blocks + 1 slots: slot 0 makes the 4x4 map, and slot i + 1
    joined to the shared class embedding conditions block i.

    Call arguments:
        z: float32, (batch, z length).
        adapted: {map size: (batch, size, size, channels)} to inject; None
            makes it BigGAN's generator.
        labels: int32, (batch,), in [0, classes).
        embedding: float32, (batch, shared_dim); in place of labels, e.g. a
            mixture of two rows of `embed`.
        training: use batch statistics and let the states move.

    Returns:
        float32, (batch, R, R, 3), in [-1, 1].
    """

    def __init__(
        self, config: NetworkConfig, replicas: int = 1, **kwargs
    ) -> None:
        super().__init__(config, name=kwargs.pop("name", "generator"), **kwargs)
        self.replicas = replicas
        row = channels(config)
        self.slots, slot = z_slots(config)
        self.slot_shape = (None, slot)
        self.condition_shape = (None, config.shared_dim + slot)
        self.bottom_channels = row.generator_in[0]
        self.weight_of = dict(
            zip(FEATURE_RESOLUTIONS, config.injection_weights, strict=True)
        )
        self.shared = keras.layers.Embedding(
            config.num_classes,
            config.shared_dim,
            name="shared",
        )
        self.linear = SpectralDense(
            BOTTOM * BOTTOM * self.bottom_channels, name="linear"
        )
        self.blocks, self.attentions = [], []
        for index, out in enumerate(row.generator_out):
            self.blocks.append(
                GeneratorBlock(out, replicas, name=f"block{index}")
            )
            attends = BOTTOM * 2 ** (index + 1) in config.attention_resolutions
            self.attentions.append(
                SelfAttention(name=f"attention{index}") if attends else None
            )
        self.output_norm = BatchNorm(replicas=replicas, name="output_bn")
        self.output_conv = SpectralConv(3, name="output_conv")

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        self.shared.build()
        self.linear.build(self.slot_shape)
        shape = (None, BOTTOM, BOTTOM, self.bottom_channels)
        for block, attention in zip(self.blocks, self.attentions, strict=True):
            block.build(shape, self.condition_shape)
            shape = block.compute_output_shape(shape, self.condition_shape)
            if attention is not None:
                attention.build(shape)
        self.output_norm.build(shape)
        self.output_conv.build(shape)
        self.built = True

    def get_config(self) -> dict:
        """Arguments that re-create the network."""
        return {**super().get_config(), "replicas": self.replicas}

    def embed(self, labels):
        """The shared embedding of classes, (batch, shared_dim)."""
        return self.shared(labels)

    def class_rows(self, labels) -> list:
        """What classes set at z = 0: gains and biases, (batch, channels) each.

        Those of both conditional batch norms of every block, in order.
        """
        embedding = self.embed(labels)
        chunk = ops.zeros((len(labels), self.slot_shape[1]), embedding.dtype)
        condition = ops.concatenate([embedding, chunk], axis=-1)
        return [
            layer(condition)
            for block in self.blocks
            for norm in (block.norm1, block.norm2)
            for layer in (norm.gain, norm.bias)
        ]

    def call(
        self, z, adapted=None, labels=None, embedding=None, training=False
    ):
        """See the class."""
        embedding = self.embed(labels) if embedding is None else embedding
        bottom, *chunks = ops.split(z, self.slots, axis=-1)
        hidden = self.linear(bottom, training=training)
        hidden = ops.reshape(hidden, (-1, BOTTOM, BOTTOM, self.bottom_channels))
        hidden = self._inject(hidden, adapted)
        for block, attention, chunk in zip(
            self.blocks, self.attentions, chunks, strict=True
        ):
            condition = ops.concatenate([embedding, chunk], axis=-1)
            hidden = block(hidden, condition, training=training)
            if attention is not None:
                hidden = attention(hidden, training=training)
            hidden = self._inject(hidden, adapted)
        hidden = ops.relu(self.output_norm(hidden, training=training))
        hidden = self.output_conv(hidden, training=training)
        return ops.tanh(upcast(hidden))

    def _inject(self, hidden, adapted):
        size = hidden.shape[1]
        if adapted is None or size not in adapted:
            return hidden
        return hidden + self.weight_of[size] * adapted[size]
