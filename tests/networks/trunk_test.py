import numpy as np

from deepi2i_tf.networks import Encoder
from tests.networks import tiny


def test_features_are_the_last_map_of_each_size():
    encoder = Encoder(tiny.CONFIG)
    encoder.build()
    trunk, hidden, maps = encoder.trunk, tiny.images(), []
    for block, attention in zip(trunk.blocks, trunk.attentions, strict=True):
        hidden = block(hidden)
        hidden = hidden if attention is None else attention(hidden)
        maps.append(hidden)
    features = encoder(tiny.images())
    np.testing.assert_array_equal(features[8], maps[1])
    # Two blocks end at 4x4; the last one counts, after the final relu.
    assert maps[2].shape == maps[3].shape == features[4].shape
    np.testing.assert_array_equal(features[4], np.maximum(maps[3], 0.0))


def test_attention_follows_the_block_that_ends_at_its_size():
    trunk = Encoder(tiny.CONFIG).trunk
    present = [attention is not None for attention in trunk.attentions]
    assert present == [True, False, False, False]


def test_only_the_first_block_has_no_leading_relu():
    trunk = Encoder(tiny.CONFIG).trunk
    assert [block.preactivated for block in trunk.blocks] == [
        False,
        True,
        True,
        True,
    ]
