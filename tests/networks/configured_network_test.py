import json

import keras
import pytest

from deepi2i_tf.networks import build_network
from deepi2i_tf.networks.configured_network import ConfiguredNetwork
from tests.networks.tiny import CONFIG

NAMES = ("encoder", "adaptor", "generator", "discriminator")


@pytest.mark.parametrize("name", NAMES)
def test_plain_values_make_another_of_the_same_policy(name):
    keras.config.set_dtype_policy("mixed_bfloat16")
    network = build_network(name, CONFIG)
    keras.config.set_dtype_policy("float32")
    config = json.loads(json.dumps(network.get_config()))
    another = type(network).from_config(config)
    assert isinstance(another, ConfiguredNetwork)
    assert another.get_config() == network.get_config()
    assert [(w.path, w.shape, w.dtype) for w in another.weights] == [
        (w.path, w.shape, w.dtype) for w in network.weights
    ]
    policies = {layer.dtype_policy.name for layer in another._flatten_layers()}
    assert "mixed_bfloat16" in policies
    assert keras.config.dtype_policy().name == "float32"
