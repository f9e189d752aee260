"""DMIT's discriminators: of images at two scales, and of contents.

Yu et al., arXiv 1909.07877, as the released code (Xiaoming-Yu/DMIT 311cb43)
has them. At ch = 64 an image judge has 3,126,242 + 1,344 C parameters at
R = 128 and 748,642 + 576 C at 256, the content judge 17,897,729 + 3,584 C at
both. Below 128 pixels the release fails: there an image judge is as deep as at
256, and the content judge as its maps allow.
"""

import keras
from keras import ops

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.layers.dmit_blocks import (
    DownBlock,
    half_size,
    reflected_conv,
)
from deepi2i_tf.networks.configured_network import PACKAGE, ConfiguredNetwork
from deepi2i_tf.utils.backend import accumulation_dtype, upcast

MOST_CHANNELS = 512


class Judge(keras.layers.Layer):
    """Patch scores of a map under a condition.

    conv4/2, depth - 1 down blocks with central biasing, conv1 to one channel;
    no activation before it.

    Args:
        filters: channels of the first convolution; each block has twice as many
            as come in, at most 512.
        depth: how often the map is halved.
        **kwargs: of `keras.layers.Layer`.

    Call arguments:
        inputs: (batch, height, width, channels).
        condition: (batch, features).
        training: let the power iterations' states move.

    Returns:
        float32, (batch, m, m, 1), any real number; m = height / 2^depth.
    """

    def __init__(self, filters: int, depth: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.head = reflected_conv(filters, 4, 2, name="head")
        self.blocks = [
            DownBlock(
                min(MOST_CHANNELS, filters * 2**index), name=f"block{index}"
            )
            for index in range(1, depth)
        ]
        # What feeds the losses is float32 under every policy.
        wide = accumulation_dtype(self.compute_dtype)
        self.last = reflected_conv(1, 1, name="last", dtype=wide)

    def build(self, inputs_shape, condition_shape) -> None:
        """Builds all in turn."""
        self.head.build(inputs_shape)
        shape = self.head.compute_output_shape(inputs_shape)
        for block in self.blocks:
            block.build(shape, condition_shape)
            shape = block.compute_output_shape(shape)
        self.last.build(shape)

    def call(self, inputs, condition, training: bool = False):
        """See the class."""
        hidden = self.head(inputs, training=training)
        for block in self.blocks:
            hidden = block(hidden, condition, training=training)
        return self.last(upcast(hidden), training=training)


@keras.saving.register_keras_serializable(PACKAGE)
class ImageJudge(ConfiguredNetwork):
    """(image, class) to patch scores at two scales.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        labels: int32, (batch,), in [0, classes).
        training: let the power iterations' states move.

    Returns:
        Scores of the image and of the image halved, float32, (batch, m, m, 1)
        and (batch, m / 2, m / 2, 1).
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(
            config, name=kwargs.pop("name", "image_judge"), **kwargs
        )
        self.sides = (config.resolution, config.resolution // 2)
        depth = image_judge_depth(config.resolution)
        self.judges = [
            Judge(filters, depth, name=f"scale{index}")
            for index, filters in enumerate((config.ch, config.ch // 2))
        ]

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        for judge, side in zip(self.judges, self.sides, strict=True):
            judge.build((None, side, side, 3), (None, self.config.num_classes))
        self.built = True

    def call(self, images, labels, training: bool = False):
        """See the class."""
        condition = ops.one_hot(labels, self.config.num_classes)
        return tuple(
            judge(scaled, condition, training=training)
            for judge, scaled in zip(
                self.judges, (images, half_size(images)), strict=True
            )
        )


@keras.saving.register_keras_serializable(PACKAGE)
class ContentJudge(ConfiguredNetwork):
    """(content, class) to patch scores: does the content tell the class?

    Call arguments:
        content: (batch, R / 4, R / 4, 4 ch).
        labels: int32, (batch,), in [0, classes).
        training: let the power iterations' states move.

    Returns:
        float32, (batch, m, m, 1), any real number.
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(
            config, name=kwargs.pop("name", "content_judge"), **kwargs
        )
        side, channels = config.resolution // 4, 4 * config.ch
        self.content_shape = (None, side, side, channels)
        self.judge = Judge(
            channels, content_judge_depth(config.resolution), name="judge"
        )

    def build(self, input_shape=None) -> None:
        """Makes every weight; the shapes are the configuration's."""
        del input_shape  # Known from the configuration.
        self.judge.build(self.content_shape, (None, self.config.num_classes))
        self.built = True

    def call(self, content, labels, training: bool = False):
        """See the class."""
        condition = ops.one_hot(labels, self.config.num_classes)
        return self.judge(content, condition, training=training)


def image_judge_depth(resolution: int) -> int:
    """How often an image judge halves: 4 at 128 pixels, else 3."""
    return 4 if resolution == 128 else 3


def content_judge_depth(resolution: int) -> int:
    """How often the content judge halves: 5, or as often as there is a map."""
    return min(5, resolution.bit_length() - 3)
