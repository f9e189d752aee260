import numpy as np
import pytest

from deepi2i_tf.config import RESOLUTIONS, NetworkConfig
from deepi2i_tf.networks import (
    NETWORK_NAMES,
    build_network,
    build_networks,
    feature_resolutions,
    trainable_parameters,
)
from deepi2i_tf.networks.channels import encoder_channels, generator_channels
from tests.networks import tiny

# networks.md, at R = 128, ch = 96; published where BigGAN published them.
PARAMETERS = [
    ("generator", 1000, 70_433_988),
    ("generator", 149, 70_325_060),
    ("discriminator", 1000, 87_982_370),
    ("discriminator", 149, 86_675_234),
    ("encoder", 149, 86_444_833),
    ("adaptor", 149, 85_830_528),
]


@pytest.mark.parametrize("name, classes, parameters", PARAMETERS)
def test_parameter_counts(name, classes, parameters):
    config = NetworkConfig(resolution=128, ch=96, num_classes=classes)
    network = build_network(name, config)
    assert trainable_parameters(network) == parameters


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_shapes_at_every_resolution(resolution):
    config = NetworkConfig(
        resolution=resolution, num_classes=2, ch=1, dim_z=8, shared_dim=2
    )
    networks = build_networks(config)
    images = tiny.images(config, batch=1)
    features = networks.encoder(images)
    adapted = networks.adaptor(features)
    fake = networks.generator(
        tiny.z(config, batch=1), adapted=adapted, labels=np.array([1])
    )
    scores, judged = networks.discriminator(fake, np.array([1]))
    incoming, outgoing = encoder_channels(config), generator_channels(config)
    sizes = feature_resolutions(resolution)
    assert set(features) == set(adapted) == set(judged) == set(sizes)
    for size in sizes:
        assert features[size].shape == (1, size, size, incoming[size])
        assert judged[size].shape == (1, size, size, incoming[size])
        assert adapted[size].shape == (1, size, size, outgoing[size])
    assert fake.shape == images.shape
    assert scores.shape == (1, 1)
    assert np.isfinite(scores).all()


def test_items_are_the_four_by_name():
    networks = build_networks(tiny.CONFIG)
    assert [name for name, _ in networks.items()] == list(NETWORK_NAMES)
    assert dict(networks.items())["adaptor"] is networks.adaptor


def test_calling_makes_no_weight_and_changes_no_count():
    networks = build_networks(tiny.CONFIG)
    before = {name: len(n.weights) for name, n in networks.items()}
    features = networks.adaptor(networks.encoder(tiny.images()))
    fake = networks.generator(tiny.z(), adapted=features, labels=tiny.labels())
    networks.discriminator(fake, tiny.labels())
    assert before == {name: len(n.weights) for name, n in networks.items()}
