import dataclasses

import keras
import numpy as np
import pytest

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks import trainable_parameters
from deepi2i_tf.networks.sdit import SDITDiscriminator, SDITGenerator
from tests.networks import tiny

CONFIG = dataclasses.replace(tiny.CONFIG, dim_z=8)
# Of the released code at ch 64 and 128 px, less the convolutions that it never
# uses: 3,136 and 8,192 for each class.
PARAMETERS = [
    (SDITGenerator, {}, 19_839_682),
    (SDITGenerator, {"attention": False}, 13_934_016),
    (SDITDiscriminator, {}, 46_089_488),
]


def built(kind, config=CONFIG, **named):
    network = kind(config, **named)
    network.build()
    return network


@pytest.mark.parametrize("kind, named, parameters", PARAMETERS)
def test_parameter_counts(kind, named, parameters):
    config = NetworkConfig(resolution=128, ch=64, num_classes=149, dim_z=8)
    assert trainable_parameters(built(kind, config, **named)) == parameters


@pytest.mark.parametrize("attention", [True, False])
def test_class_and_z_matter_and_weights_are_saved(attention):
    generator = built(SDITGenerator, attention=attention)
    images, labels, z = tiny.images(), tiny.labels(), tiny.z(CONFIG)

    def image(labels=labels, z=z, network=generator):
        return np.asarray(network(images, z, labels=labels))

    assert image().shape == images.shape
    assert not np.allclose(image(), image(labels=labels[::-1]), atol=1e-3)
    assert not np.allclose(image(), image(z=z[::-1]), atol=1e-3)
    rows = generator.embed(labels)
    by_row = generator(images, z, embedding=rows)
    np.testing.assert_allclose(by_row, image(), atol=1e-6)
    again = SDITGenerator.from_config(generator.get_config())
    again.set_weights(generator.get_weights())
    np.testing.assert_array_equal(image(network=again), image())


def test_seven_of_eight_norms_share_their_gains_and_biases():
    generator = built(SDITGenerator)
    encoded = np.ones((2, 8, 8, generator.channels), np.float32)
    encoded[:, ::2] = -1.0
    last = generator.parameters.layers[-1]
    quarter = last.bias.shape[0] // 4

    def change(start, value):
        bias = last.bias.numpy()
        bias[start : start + quarter] = value
        last.bias.assign(bias)

    z, seen = tiny.z(CONFIG), []
    names = ("first bias", "first gain", "shared bias", "shared gain")
    for block in generator.blocks:
        call = block.call
        block.call = lambda *args, call=call: seen.append(args) or call(*args)
    for index in range(len(names)):
        change(index * quarter, 10.0 * (index + 1))
    generator.adapt(encoded, z)
    assert len(seen) == len(generator.blocks) == 4
    for index, (_, first, second) in enumerate(seen):
        gain, bias = (np.mean(each) for each in first)
        expected = (40, 30) if index else (20, 10)
        np.testing.assert_allclose((gain, bias), expected, atol=3.0)
        gain, bias = (np.mean(each) for each in second)
        np.testing.assert_allclose((gain, bias), (40, 30), atol=3.0)


def test_the_critic_reads_a_latent_from_every_map_size():
    for resolution, side in ((32, 2), (256, 4)):
        config = dataclasses.replace(CONFIG, resolution=resolution, ch=1)
        critic = built(SDITDiscriminator, config)
        patch, logits, read = critic(tiny.images(config))
        assert patch.shape == (2, side, side, 1)
        assert (logits.shape, read.shape) == ((2, 3), (2, 8))


def test_what_feeds_losses_is_float32_in_bfloat16():
    keras.config.set_dtype_policy("mixed_bfloat16")
    generator = built(SDITGenerator)
    fake = generator(tiny.images(), tiny.z(CONFIG), labels=tiny.labels())
    for output in (fake, *built(SDITDiscriminator)(fake)):
        assert keras.backend.standardize_dtype(output.dtype) == "float32"
        assert np.isfinite(output).all()
