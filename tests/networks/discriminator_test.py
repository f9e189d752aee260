import keras
import numpy as np
import pytest

from deepi2i_tf.networks import build_network, build_networks
from tests.networks import tiny


def test_score_is_the_projection_formula():
    discriminator = build_networks(tiny.CONFIG).discriminator
    scores, features = discriminator(tiny.images(), tiny.labels())
    h = np.sum(features[4], axis=(1, 2))
    w = np.asarray(discriminator.linear.normalized_weight())
    table = np.asarray(discriminator.embedding.normalized_weight())
    b = discriminator.linear.bias.numpy()
    expected = (
        h @ w + b + np.sum(table[tiny.labels()] * h, axis=-1, keepdims=True)
    )
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-5)


def test_score_depends_on_the_class_and_features_do_not():
    discriminator = build_networks(tiny.CONFIG).discriminator
    scores, features = discriminator(tiny.images(), np.array([0, 0]))
    others, same = discriminator(tiny.images(), np.array([1, 2]))
    assert not np.any(np.asarray(scores) == np.asarray(others))
    np.testing.assert_array_equal(features[4], same[4])


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_scores_are_float32_in_mixed_precision(kind):
    keras.config.set_dtype_policy(f"mixed_{kind}")
    discriminator = build_network("discriminator", tiny.CONFIG)
    scores, features = discriminator(tiny.images(), tiny.labels())
    assert keras.backend.standardize_dtype(scores.dtype) == "float32"
    assert keras.backend.standardize_dtype(features[8].dtype) == kind
