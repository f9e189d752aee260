import dataclasses

import numpy as np
import pytest

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks import NETWORK_NAMES, build_network
from deepi2i_tf.pytorch.upstream_names import upstream_entries, upstream_logs

CONFIG = NetworkConfig(resolution=128, num_classes=5, ch=8)
# Samples of the names that networks.md lists.
ENTRIES = {
    "generator": {
        "shared.weight": (5, 128),
        "linear.weight": (2048, 20),
        "linear.u0": (1, 2048),
        "blocks.0.0.conv1.weight": (128, 128, 3, 3),
        "blocks.4.0.conv_sc.bias": (8,),
        "blocks.1.0.bn2.gain.weight": (64, 148),
        "blocks.0.0.bn1.stored_mean": (128,),
        "blocks.3.1.theta.weight": (2, 16, 1, 1),
        "blocks.3.1.gamma": (),
        "output_layer.0.gain": (8,),
        "output_layer.2.weight": (3, 8, 3, 3),
    },
    "discriminator": {
        "blocks.0.0.conv1.weight": (8, 3, 3, 3),
        "blocks.0.1.o.weight": (8, 4, 1, 1),
        "linear.weight": (1, 128),
        "linear.u0": (1, 1),
        "embed.weight": (5, 128),
        "embed.u0": (1, 5),
    },
    "encoder": {"blocks.4.0.conv_sc.weight": (128, 64, 1, 1)},
    "adaptor": {
        "blocks.0.0.conv1.weight": (32, 16, 3, 3),
        "blocks.3.0.conv2.bias": (128,),
    },
}
ABSENT = {
    "generator": "blocks.0.1.gamma",
    "discriminator": "blocks.5.0.conv_sc.weight",
    "encoder": "linear.weight",
    "adaptor": "blocks.3.0.conv_sc.weight",
}


def entries(name):
    found = list(upstream_entries(build_network(name, CONFIG)))
    by_name = {entry.name: entry for entry in found}
    assert len(by_name) == len(found)
    return by_name


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_names_and_shapes_are_the_originals(name):
    by_name = entries(name)
    for key, shape in ENTRIES[name].items():
        assert by_name[key].upstream_shape() == shape, key
    assert ABSENT[name] not in by_name


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_every_weight_but_sigma_has_a_name(name):
    network = build_network(name, CONFIG)
    named = {id(entry.weight) for entry in upstream_entries(network)}
    nameless = {w.name for w in network.weights if id(w) not in named}
    assert nameless == {"sigma"}


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_every_sigma_has_its_log_beside_its_u(name):
    network = build_network(name, CONFIG)
    logs = {entry.name: entry for entry in upstream_logs(network)}
    us = {e.name for e in upstream_entries(network) if e.name.endswith(".u0")}
    assert {key.replace(".sv0", ".u0") for key in logs} == us
    for entry in logs.values():
        assert entry.weight.name == "sigma"
        assert entry.upstream_shape() == (1,)
        assert entry.from_upstream(np.ones(1)).shape == ()


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_there_and_back_is_the_same(name):
    stream = np.random.default_rng(0)
    for entry in entries(name).values():
        value = stream.standard_normal(entry.upstream_shape())
        ours = entry.from_upstream(value)
        assert ours.shape == entry.weight.shape, entry.name
        np.testing.assert_array_equal(entry.to_upstream(ours), value)


def test_the_first_layer_goes_from_channels_first_to_channels_last():
    by_name = entries("generator")
    # Upstream: output (c, row, column) of 128 x 4 x 4, counted in that order.
    counted = np.arange(2048.0)
    expected = counted.reshape(128, 4, 4).transpose(1, 2, 0).ravel()
    for name in ("linear.bias", "linear.u0"):
        entry = by_name[name]
        value = counted.reshape(entry.upstream_shape())
        np.testing.assert_array_equal(
            entry.from_upstream(value).ravel(), expected
        )
    weight = np.repeat(counted[:, None], 20, axis=1)
    np.testing.assert_array_equal(
        by_name["linear.weight"].from_upstream(weight)[7], expected
    )


def test_an_entry_cannot_be_changed():
    entry = next(iter(entries("adaptor").values()))
    with pytest.raises(dataclasses.FrozenInstanceError):
        entry.name = "other"
