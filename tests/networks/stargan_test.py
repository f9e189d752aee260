import keras
import numpy as np
import pytest

from deepi2i_tf.config import RESOLUTIONS, NetworkConfig
from deepi2i_tf.networks import trainable_parameters
from deepi2i_tf.networks.initial_weights import initialize_uniform
from deepi2i_tf.networks.stargan import (
    StarGANDiscriminator,
    StarGANGenerator,
    critic_layers,
)
from tests.networks import tiny

# Of the released code at ch 64 and 128 px; families_test.py has more classes.
PARAMETERS = [
    (StarGANGenerator, 8_414_848 + 5 * 3_136),
    (StarGANDiscriminator, 44_721_088 + 5 * 8_192),
]


def built(kind, config=tiny.CONFIG):
    network = kind(config)
    network.build()
    return network


@pytest.mark.parametrize("kind, parameters", PARAMETERS)
def test_parameter_counts(kind, parameters):
    config = NetworkConfig(resolution=128, ch=64, num_classes=5)
    assert trainable_parameters(built(kind, config)) == parameters


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_shapes_at_every_resolution(resolution):
    config = NetworkConfig(resolution=resolution, ch=1, num_classes=3)
    images, side = tiny.images(config), max(2, resolution // 64)
    fake = built(StarGANGenerator, config)(images, labels=tiny.labels())
    assert fake.shape == images.shape
    patch, logits = built(StarGANDiscriminator, config)(fake)
    assert patch.shape == (2, side, side, 1)
    assert logits.shape == (2, 3)
    assert critic_layers(resolution) == min(6, int(np.log2(resolution)) - 1)


def test_an_embedding_in_place_of_labels():
    generator = built(StarGANGenerator)
    rows = generator.embed(np.array([0, 2]))
    images = tiny.images()
    by_label = generator(images, labels=np.array([0, 2]))
    np.testing.assert_allclose(
        generator(images, embedding=rows), by_label, atol=1e-6
    )
    mixed = generator(images, embedding=0.5 * rows + 0.5 * rows[::-1])
    assert not np.allclose(mixed, by_label, atol=1e-3)


def test_saved_as_plain_values():
    generator = built(StarGANGenerator)
    again = StarGANGenerator.from_config(generator.get_config())
    again.set_weights(generator.get_weights())
    images, labels = tiny.images(), tiny.labels()
    np.testing.assert_array_equal(
        again(images, labels=labels), generator(images, labels=labels)
    )


def test_images_and_scores_are_float32_in_bfloat16():
    keras.config.set_dtype_policy("mixed_bfloat16")
    fake = built(StarGANGenerator)(tiny.images(), labels=tiny.labels())
    outputs = [fake, *built(StarGANDiscriminator)(fake)]
    for output in outputs:
        assert keras.backend.standardize_dtype(output.dtype) == "float32"
        assert np.isfinite(output).all()


def test_the_start_is_pytorchs_default():
    one, other = built(StarGANDiscriminator), built(StarGANDiscriminator)
    initialize_uniform(one, 3)
    initialize_uniform(other, 3)
    for weight, twin in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(weight, twin)
    layer = one.trunk.layers[2]
    for weight in (layer.kernel, layer.bias):
        largest = np.abs(weight.numpy()).max()
        # Uniform within 1 / sqrt(4 x 4 x 4 inputs).
        assert 0.05 < largest <= 0.125
    generator = built(StarGANGenerator)
    initialize_uniform(generator, 3)
    first = generator.encoder.first
    # The planes of the classes count: 7 x 7 x (3 + 3).
    for weight in (first.conv.kernel, first.conv.table):
        largest = np.abs(weight.numpy()).max()
        assert 0.95 * 294**-0.5 < largest <= 294**-0.5
    assert (first.norm.gain.numpy() == 1.0).all()
