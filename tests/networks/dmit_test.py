"""Counts and shapes of DMIT's networks."""

import dataclasses

import keras
import numpy as np
import pytest

from deepi2i_tf.config import RESOLUTIONS, NetworkConfig
from deepi2i_tf.networks import spectral_layers, trainable_parameters
from deepi2i_tf.networks.dmit_decoder import DMITDecoder
from deepi2i_tf.networks.dmit_encoders import ContentEncoder, StyleEncoder
from deepi2i_tf.networks.dmit_judges import ContentJudge, ImageJudge
from deepi2i_tf.networks.initial_weights import initialize_normal
from tests.networks import tiny

CONFIG = dataclasses.replace(tiny.CONFIG, dim_z=8)
# Of the released code at ch 64: fixed, and for each class.
PARAMETERS = [
    (ContentEncoder, 128, 5_383_360, 0),
    (StyleEncoder, 128, 1_343_120, 0),
    (DMITDecoder, 128, 7_770_691, 3_072),
    (ContentJudge, 128, 17_897_729, 3_584),
    (ImageJudge, 128, 3_126_242, 1_344),
    (ImageJudge, 256, 748_642, 576),
]


def built(kind, config=CONFIG):
    network = kind(config)
    network.build()
    return network


@pytest.mark.parametrize("kind, resolution, fixed, for_each", PARAMETERS)
def test_parameter_counts(kind, resolution, fixed, for_each):
    config = NetworkConfig(
        resolution=resolution, ch=64, num_classes=149, dim_z=8
    )
    assert trainable_parameters(built(kind, config)) == fixed + 149 * for_each


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_shapes_at_every_resolution(resolution):
    config = dataclasses.replace(CONFIG, resolution=resolution)
    images, labels = tiny.images(config, batch=1), tiny.labels(batch=1)
    content = built(ContentEncoder, config)(images)
    assert content.shape == (1, resolution // 4, resolution // 4, 8)
    style, log_variance = built(StyleEncoder, config)(images)
    assert style.shape == log_variance.shape == (1, 8)
    fake = built(DMITDecoder, config)(content, style, labels)
    assert fake.shape == images.shape
    large, small = built(ImageJudge, config)(fake, labels)
    halved = 16 if resolution == 128 else 8
    side = resolution // halved
    assert large.shape == (1, side, side, 1)
    assert small.shape == (1, side // 2, side // 2, 1)
    side = max(1, resolution // 128)
    scores = built(ContentJudge, config)(content, labels)
    assert scores.shape == (1, side, side, 1)


def test_class_and_style_matter_and_weights_are_saved():
    decoder = built(DMITDecoder)
    initialize_normal(decoder, 3)
    content = built(ContentEncoder)(tiny.images())
    z, labels = tiny.z(CONFIG), tiny.labels()

    def image(z=z, labels=labels, network=decoder):
        return np.asarray(network(content, z, labels))

    assert not np.allclose(image(), image(z=z[::-1]), atol=1e-3)
    assert not np.allclose(image(), image(labels=labels[::-1]), atol=1e-4)
    rows = decoder.embed(labels)
    by_row = decoder(content, z, embedding=rows)
    np.testing.assert_allclose(by_row, image(), atol=1e-6)
    again = DMITDecoder.from_config(decoder.get_config())
    again.set_weights(decoder.get_weights())
    np.testing.assert_array_equal(image(network=again), image())


def test_the_start_is_normal():
    judge, twin = built(ContentJudge), built(ContentJudge)
    initialize_normal(judge, 3)
    initialize_normal(twin, 3)
    for weight, other in zip(judge.weights, twin.weights, strict=True):
        np.testing.assert_array_equal(weight, other)
    head = spectral_layers(judge)[0]
    assert 0.018 < head.raw_weight.numpy().std() < 0.022
    assert 0.3 < head.u.numpy().std() < 2.0
    assert not head.bias.numpy().any()


def test_what_feeds_losses_is_float32_in_bfloat16():
    keras.config.set_dtype_policy("mixed_bfloat16")
    images, labels = tiny.images(), tiny.labels()
    content = built(ContentEncoder)(images)
    style, log_variance = built(StyleEncoder)(images)
    fake = built(DMITDecoder)(content, style, labels)
    outputs = [style, log_variance, fake, *built(ImageJudge)(fake, labels)]
    for output in (*outputs, built(ContentJudge)(content, labels)):
        assert keras.backend.standardize_dtype(output.dtype) == "float32"
        assert np.isfinite(output).all()
