import dataclasses

import numpy as np
import pytest

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks import Adaptor, build_networks
from deepi2i_tf.utils.errors import UserError
from tests.networks import tiny

IDENTITY = dataclasses.replace(tiny.CONFIG, adaptor="identity")


def test_every_map_has_its_own_block():
    adaptor = build_networks(tiny.CONFIG).adaptor
    features = tiny.adapted()
    outputs = adaptor(features)
    assert set(adaptor.blocks) == {"4", "8"}
    for size, feature in features.items():
        alone = adaptor.blocks[str(size)](feature)
        np.testing.assert_array_equal(outputs[size], alone)


def test_identity_hands_features_on():
    adaptor = build_networks(IDENTITY).adaptor
    features = tiny.adapted()
    outputs = adaptor(features, training=True)
    for size, feature in features.items():
        np.testing.assert_array_equal(outputs[size], feature)
    assert not adaptor.weights


def test_identity_is_refused_where_channels_differ():
    config = NetworkConfig(resolution=64, num_classes=3, adaptor="identity")
    with pytest.raises(UserError, match="--adaptor=residual") as error:
        Adaptor(config)
    assert "encoder {4: 1536, 8: 384" in str(error.value)
