"""Reference networks: one small ResNet trunk, two heads.

Full pre-activation residual blocks (arXiv 1603.05027) behind a stem of
stride 2. The classifier averages the last map over its positions, because a
species is the same wherever it stands; the pose regressor keeps the
positions, because they are what it reads. What the classifier averages are
also the features of mFID (domain) and mKID (domain). At 32 pixels and 8
classes the classifier has 78,200 parameters; its layers are float32 whatever
the dtype policy of the process, so that a run in bfloat16 meets the same
networks.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import keras

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig

KerasTensor = Any
# Name of the classifier's layer whose output is read as features.
FEATURES = "features"


def build_classifier(
    resolution: int,
    num_classes: int,
    config: ReferenceTrainingConfig,
) -> keras.Model:
    """Builds the classifier.

    Args:
        resolution: side of its images, in pixels.
        num_classes: length of the output.
        config: widths of the trunk, and seed of the weights.

    Returns:
        Model from float32 (batch, resolution, resolution, 3) in [-1, 1] to
        logits, float32 (batch, num_classes).
    """
    seeds = itertools.count(1000 * config.seed)
    images = keras.Input((resolution, resolution, 3), dtype="float32")
    features = _trunk(images, config, seeds)
    pooled = keras.layers.GlobalAveragePooling2D(
        dtype="float32", name=FEATURES
    )(features)
    return keras.Model(images, _dense(num_classes, seeds)(pooled))


def build_pose_regressor(
    resolution: int,
    num_components: int,
    config: ReferenceTrainingConfig,
) -> keras.Model:
    """Builds the pose regressor.

    Args:
        resolution: side of its images, in pixels.
        num_components: length of the output.
        config: widths of the trunk and of the hidden layer, and seed.

    Returns:
        Model from float32 (batch, resolution, resolution, 3) in [-1, 1] to
        standardised components, float32 (batch, num_components).
    """
    seeds = itertools.count(1000 * config.seed + 500)
    images = keras.Input((resolution, resolution, 3), dtype="float32")
    hidden = keras.layers.Flatten(dtype="float32")(
        _trunk(images, config, seeds)
    )
    hidden = _dense(config.pose_features, seeds)(hidden)
    hidden = keras.layers.ReLU(dtype="float32")(hidden)
    return keras.Model(images, _dense(num_components, seeds)(hidden))


def _trunk(
    images: KerasTensor, config: ReferenceTrainingConfig, seeds: Iterator[int]
) -> KerasTensor:
    x = keras.layers.GaussianNoise(
        config.noise, seed=next(seeds), dtype="float32"
    )(images)
    x = _convolution(config.widths[0], 3, 2, seeds)(x)
    for stage, width in enumerate(config.widths):
        x = _residual_block(x, width, 2 if stage else 1, seeds)
    return _activation(x)


def _residual_block(
    x: KerasTensor, width: int, stride: int, seeds: Iterator[int]
) -> KerasTensor:
    y = _activation(x)
    shortcut = x
    if stride > 1 or x.shape[-1] != width:
        shortcut = _convolution(width, 1, stride, seeds)(y)
    y = _convolution(width, 3, stride, seeds)(y)
    y = _convolution(width, 3, 1, seeds)(_activation(y))
    return keras.layers.Add(dtype="float32")([shortcut, y])


def _activation(x: KerasTensor) -> KerasTensor:
    x = keras.layers.BatchNormalization(momentum=0.9, dtype="float32")(x)
    return keras.layers.ReLU(dtype="float32")(x)


def _convolution(
    width: int, size: int, stride: int, seeds: Iterator[int]
) -> keras.layers.Layer:
    return keras.layers.Conv2D(
        width,
        size,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer=keras.initializers.HeNormal(seed=next(seeds)),
        dtype="float32",
    )


def _dense(width: int, seeds: Iterator[int]) -> keras.layers.Layer:
    return keras.layers.Dense(
        width,
        kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
        dtype="float32",
    )
