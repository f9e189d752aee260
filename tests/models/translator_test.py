"""Tests of encoder, adaptor and generator as one model."""

import numpy as np
import pytest

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.models import Translator, build_translator
from deepi2i_tf.networks import build_networks, z_length

CONFIG = NetworkConfig(resolution=32, num_classes=3, ch=2)


@pytest.fixture(scope="module")
def translator():
    return build_translator(CONFIG, "translator")


@pytest.fixture(scope="module")
def inputs():
    draws = np.random.default_rng(0)
    images = draws.uniform(-1, 1, (4, 32, 32, 3)).astype("float32")
    z = draws.standard_normal((4, z_length(CONFIG))).astype("float32")
    return images, z, np.array([0, 1, 2, 0], "int32")


def test_images_in_images_out(translator, inputs):
    images, z, labels = inputs
    outputs = translator(images, z=z, labels=labels).numpy()
    assert outputs.shape == images.shape
    assert outputs.dtype == np.float32
    assert np.abs(outputs).max() <= 1.0


def test_an_embedding_stands_for_its_class(translator, inputs):
    images, z, labels = inputs
    rows = translator.generator.embed(labels)
    np.testing.assert_array_equal(
        translator(images, z=z, labels=labels),
        translator(images, z=z, embedding=rows),
    )


def test_source_class_and_z_all_matter(translator, inputs):
    images, z, labels = inputs
    base = translator(images, z=z, labels=labels)
    for changed in (
        translator(images[::-1], z=z, labels=labels),
        translator(images, z=z[::-1], labels=labels),
        translator(images, z=z, labels=(labels + 1) % 3),
    ):
        assert np.abs(base - changed).max() > 1e-4


def test_an_example_does_not_depend_on_its_neighbours(translator, inputs):
    images, z, labels = inputs
    together = translator(images, z=z, labels=labels)
    alone = translator(images[:1], z=z[:1], labels=labels[:1])
    np.testing.assert_allclose(alone, together[:1], atol=1e-6)


def test_it_is_the_composition_of_its_networks(inputs):
    images, z, labels = inputs
    networks = build_networks(CONFIG)
    translator = Translator(
        networks.encoder, networks.adaptor, networks.generator
    )
    states = [
        w for w in translator.non_trainable_variables if w.name != "sigma"
    ]
    before = [state.numpy() for state in states]
    features = networks.adaptor(networks.encoder(images))
    np.testing.assert_array_equal(
        translator(images, z=z, labels=labels),
        networks.generator(z, adapted=features, labels=labels),
    )
    for state, value in zip(states, before, strict=True):
        np.testing.assert_array_equal(state, value)
    translator(images, z=z, labels=labels, training=True)
    for state, value in zip(states, before, strict=True):
        assert not np.array_equal(state, value), state.path
