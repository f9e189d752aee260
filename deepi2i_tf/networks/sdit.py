"""SDIT: StarGAN with a latent, and an attention map.

Wang et al., arXiv 1908.06881, as the released code (yaxingwang/SDIT 73015f9)
has it. The encoder is StarGAN's; z becomes gains and biases of AdaIN blocks
behind it, and attention weighs what they make. At ch = 64 the generator has
19,372,418 + 3,136 C parameters with attention and 13,466,752 + 3,136 C
without, the discriminator 44,868,880 + 8,192 C at R = 128.

From z come two sets of gains and biases for eight AdaIN layers: the first
takes the first set, the other seven share the second. In the release this
comes of a decoder of another width, built to be counted and never used; the
published numbers were made with the sharing, and it is kept. The unused
decoder is not.
"""

import keras
from keras import ops

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.layers.adaptive_norm import adaptive_instance_norm
from deepi2i_tf.layers.conv import Conv, build_in_turn
from deepi2i_tf.layers.instance_norm import InstanceNorm
from deepi2i_tf.networks.configured_network import PACKAGE, ConfiguredNetwork
from deepi2i_tf.networks.stargan import (
    ImageDecoder,
    LabelledEncoder,
    ResidualBlock,
    StarGANDiscriminator,
)

HIDDEN = 256
ADAPTIVE_BLOCKS = 4
ATTENTION_BLOCKS = 5
# Of the map to the image.
ENLARGED = 4


class DenseStack(keras.layers.Layer):
    """Dense layers with relu between them.

    Call arguments:
        inputs: (batch, features).

    Returns:
        (batch, the last of `units`).
    """

    def __init__(self, units: tuple[int, ...], **kwargs) -> None:
        super().__init__(**kwargs)
        self.layers = [
            keras.layers.Dense(
                each, name=f"dense{index}", dtype=self.dtype_policy
            )
            for index, each in enumerate(units)
        ]

    def build(self, input_shape) -> None:
        """Builds all in turn."""
        build_in_turn(self.layers, input_shape)

    def call(self, inputs):
        """See the class."""
        *hidden, last = self.layers
        for layer in hidden:
            inputs = ops.relu(layer(inputs))
        return last(inputs)


class AdaptiveBlock(keras.layers.Layer):
    """h + AdaIN(conv3(relu(AdaIN(conv3(h))))), padded by reflection.

    Call arguments:
        inputs: h, (batch, height, width, channels).
        first: gain and bias of the inner AdaIN, (batch, channels) each.
        second: those of the outer one.
    """

    def build(self, input_shape) -> None:
        """Makes two convolutions, of as many channels as come in."""
        self.convs = [
            Conv(input_shape[-1], padding="reflect", name=f"conv{index}")
            for index in range(2)
        ]
        build_in_turn(self.convs, input_shape)

    def call(self, inputs, first, second):
        """See the class; the shape stays."""
        inner, outer = self.convs
        hidden = ops.relu(adaptive_instance_norm(inner(inputs), *first))
        return inputs + adaptive_instance_norm(outer(hidden), *second)


class AttentionBranch(keras.layers.Layer):
    """Residual blocks, then sigmoid(IN+(conv3 to one channel)).

    Call arguments:
        inputs: h, (batch, height, width, channels).

    Returns:
        m, (batch, height, width, 1), in (0, 1).
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.blocks = [
            ResidualBlock(name=f"block{index}")
            for index in range(ATTENTION_BLOCKS)
        ]
        self.last = Conv(1, use_bias=False, name="last")
        self.norm = InstanceNorm(name="norm")

    def build(self, input_shape) -> None:
        """Builds all in turn."""
        build_in_turn([*self.blocks, self.last, self.norm], input_shape)

    def call(self, inputs):
        """See the class."""
        for block in self.blocks:
            inputs = block(inputs)
        return ops.sigmoid(self.norm(self.last(inputs)))


@keras.saving.register_keras_serializable(PACKAGE)
class SDITGenerator(ConfiguredNetwork):
    """(image, target class, z) to the image's translation.

    Args:
        config: the shape.
        attention: multiply what the AdaIN blocks give with an attention map.
        **kwargs: of `keras.Model`.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        z: float32, (batch, z length).
        labels: int32, (batch,), in [0, classes).
        embedding: float32, (batch, classes); in place of labels, e.g. a
            mixture of two rows of `embed`.
        training: not read; there is no state.

    Returns:
        float32, (batch, R, R, 3), in [-1, 1].
    """

    def __init__(
        self, config: NetworkConfig, attention: bool = True, **kwargs
    ) -> None:
        super().__init__(config, name=kwargs.pop("name", "generator"), **kwargs)
        self.attention = attention
        self.images_shape = (None, config.resolution, config.resolution, 3)
        self.encoder = LabelledEncoder(
            config.ch, config.num_classes, name="encoder"
        )
        self.channels = 4 * config.ch
        # Two sets of biases and gains.
        self.parameters = DenseStack(
            (HIDDEN, HIDDEN, 4 * self.channels), name="parameters"
        )
        self.blocks = [
            AdaptiveBlock(name=f"block{index}")
            for index in range(ADAPTIVE_BLOCKS)
        ]
        self.branch = AttentionBranch(name="attention") if attention else None
        self.decoder = ImageDecoder(config.ch, name="decoder")

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        self.encoder.build(self.images_shape)
        self.parameters.build((None, self.config.dim_z))
        shape = self.encoder.compute_output_shape(self.images_shape)
        branches = [self.branch] if self.attention else []
        for layer in (*self.blocks, *branches, self.decoder):
            layer.build(shape)
        self.built = True

    def embed(self, labels):
        """One-hot rows of classes, float32 (batch, classes)."""
        return ops.one_hot(labels, self.config.num_classes)

    def call(self, images, z, labels=None, embedding=None, training=False):
        """See the class."""
        del training
        encoded = self.encoder(images, labels=labels, embedding=embedding)
        adapted = self.adapt(encoded, z)
        if self.attention:
            adapted = self.branch(encoded) * adapted
        return self.decoder(adapted)

    def adapt(self, encoded, z):
        """What the AdaIN blocks make of the encoder's map with z."""
        first, shared = self._sets(self.parameters(z))
        for index, block in enumerate(self.blocks):
            encoded = block(encoded, shared if index else first, shared)
        return encoded

    def _sets(self, parameters) -> list[tuple]:
        """The two sets of gain and bias; biases come first in each."""
        bias0, gain0, bias1, gain1 = ops.split(parameters, 4, axis=-1)
        return [(gain0, bias0), (gain1, bias1)]

    def attention_map(self, images, labels):
        """Where the translation comes from, for the eye.

        Returns:
            2 m - 1, float32 (batch, R, R, 1), in (-1, 1), enlarged bilinearly.
        """
        small = self.branch(self.encoder(images, labels=labels))
        side = ENLARGED * small.shape[1]
        return ops.image.resize(
            2.0 * small - 1.0,
            (side, side),
            interpolation="bilinear",
            data_format="channels_last",
        )

    def get_config(self) -> dict:
        """Arguments that re-create the network."""
        return {**super().get_config(), "attention": self.attention}


@keras.saving.register_keras_serializable(PACKAGE)
class SDITDiscriminator(StarGANDiscriminator):
    """StarGAN's critic with a third head that reads the latent.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        training: not read; there is no state.

    Returns:
        Patch scores, float32, (batch, m, m, 1); class logits, float32,
        (batch, classes); and z', float32, (batch, z length).
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(config, **kwargs)
        wide = self.patch.dtype_policy
        length = config.dim_z
        self.latent = Conv(length, use_bias=False, name="latent", dtype=wide)
        self.reader = DenseStack((length, length), name="reader", dtype=wide)

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        super().build(input_shape)
        self.latent.build(self.map_shape)
        _, height, width, _ = self.map_shape
        self.reader.build((None, height * width * self.config.dim_z))

    def heads(self, hidden) -> tuple:
        """Patch scores, class logits and latent of the trunk's map."""
        # Channel-major, as the original flattens its maps.
        maps = ops.transpose(self.latent(hidden), (0, 3, 1, 2))
        rows = ops.reshape(maps, (-1, maps.shape[1] * maps.shape[2] ** 2))
        return (*super().heads(hidden), self.reader(rows))
