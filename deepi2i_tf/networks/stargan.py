"""StarGAN: one generator for all pairs of classes, one critic.

Choi et al., arXiv 1711.09020, table 4 and 5, as the released code
(yunjey/stargan 94dd002) has them. At ch = 64 the generator has
8,414,848 + 3,136 C parameters at every resolution, the discriminator
44,721,088 + 8,192 C at R = 128. Two things differ: the one-hot planes of the
class are not built (`layers/label_map.py`), and below 128 pixels the
discriminator has as many fewer layers as keep a map of 2 x 2, where the
release has six at every size.

Latents do not exist here: `z` is taken, and not read.
"""

import keras
from keras import ops

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.layers.conv import Conv, UpConv, build_in_turn
from deepi2i_tf.layers.instance_norm import InstanceNorm
from deepi2i_tf.layers.label_map import LabelledConv
from deepi2i_tf.layers.leaky_relu import leaky_relu
from deepi2i_tf.networks.configured_network import PACKAGE, ConfiguredNetwork
from deepi2i_tf.utils.backend import accumulation_dtype, upcast

BLOCKS = 6
MOST_CRITIC_LAYERS = 6
SLOPE = 0.01


class NormalizedConv(keras.layers.Layer):
    """relu(IN+(conv(x))), where the convolution is given.

    Call arguments:
        inputs: (batch, height, width, channels).
        **named: for the convolution.
    """

    def __init__(self, conv: keras.layers.Layer, **kwargs) -> None:
        super().__init__(**kwargs)
        self.conv = conv
        self.norm = InstanceNorm(name="norm")

    def build(self, input_shape) -> None:
        """Builds both."""
        build_in_turn([self.conv, self.norm], input_shape)

    def call(self, inputs, **named):
        """See the class."""
        return ops.relu(self.norm(self.conv(inputs, **named)))

    def compute_output_shape(self, input_shape) -> tuple:
        """That of the convolution."""
        return self.conv.compute_output_shape(input_shape)


class ResidualBlock(keras.layers.Layer):
    """x + IN+(conv3(relu(IN+(conv3(x)))))."""

    def build(self, input_shape) -> None:
        """Makes the layers, of as many channels as come in."""
        channels = input_shape[-1]
        self.first = NormalizedConv(_conv(channels), name="first")
        self.second = _conv(channels, name="second")
        self.norm = InstanceNorm(name="norm")
        build_in_turn([self.first, self.second, self.norm], input_shape)

    def call(self, inputs):
        """See the class; the shape stays."""
        return inputs + self.norm(self.second(self.first(inputs)))

    def compute_output_shape(self, input_shape) -> tuple:
        """That of the inputs."""
        return input_shape


class LabelledEncoder(keras.layers.Layer):
    """(image, class) to a bottleneck map.

    Call arguments:
        images: (batch, R, R, 3).
        labels: int32, (batch,), or None beside an `embedding`.
        embedding: (batch, classes); see `LabelledConv`.

    Returns:
        (batch, R / 4, R / 4, 4 ch).
    """

    def __init__(self, ch: int, num_classes: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.first = NormalizedConv(
            LabelledConv(ch, num_classes, name="conv"), name="first"
        )
        self.downs = [
            NormalizedConv(_conv(ch * times, 4, 2), name=f"down{index}")
            for index, times in enumerate((2, 4))
        ]
        self.blocks = [ResidualBlock(name=f"block{i}") for i in range(BLOCKS)]

    def build(self, input_shape) -> None:
        """Builds all in turn."""
        build_in_turn([self.first, *self.downs, *self.blocks], input_shape)

    def call(self, images, labels=None, embedding=None):
        """See the class."""
        hidden = self.first(images, labels=labels, embedding=embedding)
        for layer in (*self.downs, *self.blocks):
            hidden = layer(hidden)
        return hidden

    def compute_output_shape(self, input_shape) -> tuple:
        """(batch, R / 4, R / 4, 4 ch)."""
        shape = input_shape
        for layer in (self.first, *self.downs):
            shape = layer.compute_output_shape(shape)
        return shape


class ImageDecoder(keras.layers.Layer):
    """Bottleneck map to image: twice up, then conv7 and tanh.

    Call arguments:
        inputs: (batch, R / 4, R / 4, 4 ch).

    Returns:
        float32, (batch, R, R, 3), in [-1, 1].
    """

    def __init__(self, ch: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.ups = [
            NormalizedConv(UpConv(ch * times, name="conv"), name=f"up{index}")
            for index, times in enumerate((2, 1))
        ]
        self.last = _conv(3, 7, name="last")

    def build(self, input_shape) -> None:
        """Builds all in turn."""
        build_in_turn([*self.ups, self.last], input_shape)

    def call(self, inputs):
        """See the class."""
        for layer in self.ups:
            inputs = layer(inputs)
        return ops.tanh(upcast(self.last(inputs)))


class CriticTrunk(keras.layers.Layer):
    """Layers of conv4/2 and lrelu(0.01), of ch, 2 ch, 4 ch ... channels.

    Call arguments:
        images: (batch, R, R, 3).

    Returns:
        (batch, m, m, channels): m = 2 up to 128 pixels, above R / 64.
    """

    def __init__(self, ch: int, resolution: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.layers = [
            _conv(ch * 2**index, 4, 2, use_bias=True, name=f"conv{index}")
            for index in range(critic_layers(resolution))
        ]

    def build(self, input_shape) -> None:
        """Builds all in turn."""
        build_in_turn(self.layers, input_shape)

    def call(self, images):
        """See the class."""
        for layer in self.layers:
            images = leaky_relu(layer(images), SLOPE)
        return images

    def compute_output_shape(self, input_shape) -> tuple:
        """(batch, m, m, channels)."""
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape


def critic_layers(resolution: int) -> int:
    """Layers of the critic's trunk: six, or as many as leave 2 x 2."""
    return min(MOST_CRITIC_LAYERS, resolution.bit_length() - 2)


@keras.saving.register_keras_serializable(PACKAGE)
class StarGANGenerator(ConfiguredNetwork):
    """(image, target class) to the image's translation.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        z: not read.
        labels: int32, (batch,), in [0, classes).
        embedding: float32, (batch, classes); in place of labels, e.g. a
            mixture of two rows of `embed`.
        training: not read; there is no state.

    Returns:
        float32, (batch, R, R, 3), in [-1, 1].
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(config, name=kwargs.pop("name", "generator"), **kwargs)
        self.images_shape = (None, config.resolution, config.resolution, 3)
        self.encoder = LabelledEncoder(
            config.ch, config.num_classes, name="encoder"
        )
        self.decoder = ImageDecoder(config.ch, name="decoder")

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        build_in_turn([self.encoder], self.images_shape)
        self.decoder.build(self.encoder.compute_output_shape(self.images_shape))
        self.built = True

    def embed(self, labels):
        """One-hot rows of classes, float32 (batch, classes)."""
        return ops.one_hot(labels, self.config.num_classes)

    def call(self, images, z=None, labels=None, embedding=None, training=False):
        """See the class."""
        del z, training
        return self.decoder(
            self.encoder(images, labels=labels, embedding=embedding)
        )


@keras.saving.register_keras_serializable(PACKAGE)
class StarGANDiscriminator(ConfiguredNetwork):
    """Image to patch scores and class logits; the class is read, not given.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        training: not read; there is no state.

    Returns:
        Patch scores, float32, (batch, m, m, 1), any real number, and class
        logits, float32, (batch, classes).
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(
            config, name=kwargs.pop("name", "discriminator"), **kwargs
        )
        self.images_shape = (None, config.resolution, config.resolution, 3)
        self.trunk = CriticTrunk(config.ch, config.resolution, name="trunk")
        self.map_shape = self.trunk.compute_output_shape(self.images_shape)
        # What feeds the losses is float32 under every policy.
        wide = accumulation_dtype(self.compute_dtype)
        self.patch = _conv(1, name="patch", dtype=wide)
        self.classes = _conv(
            config.num_classes,
            self.map_shape[1],
            padding="valid",
            name="classes",
            dtype=wide,
        )

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        self.trunk.build(self.images_shape)
        self.patch.build(self.map_shape)
        self.classes.build(self.map_shape)
        self.built = True

    def call(self, images, training: bool = False):
        """See the class."""
        del training
        return self.heads(self.trunk(images))

    def heads(self, hidden) -> tuple:
        """Patch scores and class logits of the trunk's map."""
        logits = self.classes(hidden)
        return self.patch(hidden), ops.reshape(logits, (-1, logits.shape[-1]))


def _conv(
    filters: int,
    side: int = 3,
    strides: int = 1,
    use_bias: bool = False,
    name: str = "conv",
    **kwargs,
) -> Conv:
    """A convolution, by default of side 3 and without a bias."""
    return Conv(filters, side, strides, use_bias=use_bias, name=name, **kwargs)
