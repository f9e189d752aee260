import numpy as np
import pytest

from deepi2i_tf.evaluation import inception_features
from deepi2i_tf.evaluation.inception_features import InceptionFeatures
from deepi2i_tf.metrics.inception import build_inception
from deepi2i_tf.metrics.inception_weights import assign_inception_weights
from deepi2i_tf.metrics.resize import resize_for_inception
from deepi2i_tf.utils.errors import UserError
from tests.metrics import drawn_inception


def test_takes_what_the_network_has_before_its_classes(monkeypatch):
    def load(model, path):
        assert path == "inception.pth"
        assign_inception_weights(model, drawn_inception.tensors())
        return "abc"

    monkeypatch.setattr(inception_features, "load_inception_weights", load)
    features = InceptionFeatures("inception.pth")
    assert features.sha256 == "abc"
    images = drawn_inception.images(32, 32, 3)
    found = features(images)
    assert found.shape == (3, features.num_features)
    network = build_inception(("2048",))
    load(network, "inception.pth")
    expected = network(resize_for_inception(images), training=False)["2048"]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    one = features(images[:1])
    np.testing.assert_allclose(one, found[:1], rtol=1e-4, atol=1e-4)


def test_weights_of_another_hash_are_refused(tmp_path):
    path = tmp_path / "classify_image_graph_def.pb"
    path.write_bytes(b"another")
    with pytest.raises(UserError, match="sha256"):
        InceptionFeatures(str(path))
