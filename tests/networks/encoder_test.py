import numpy as np

from deepi2i_tf.networks import build_networks
from tests.networks import tiny


def test_the_encoder_is_its_trunk():
    encoder = build_networks(tiny.CONFIG).encoder
    features = encoder(tiny.images())
    again = encoder.trunk(tiny.images())
    for size in (4, 8):
        np.testing.assert_array_equal(features[size], again[size])
    assert len(encoder.weights) == len(encoder.trunk.weights)


def test_images_do_not_see_their_neighbours():
    encoder = build_networks(tiny.CONFIG).encoder
    pair = encoder(tiny.images(), training=True)[4]
    first = encoder(tiny.images()[:1], training=False)[4]
    # Orthogonal kernels: one iteration has converged, u no longer matters.
    np.testing.assert_allclose(pair[:1], first, rtol=1e-4, atol=1e-5)
