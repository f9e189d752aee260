import numpy as np
import pytest

from deepi2i_tf.evaluation import feature_extractor
from deepi2i_tf.evaluation.feature_extractor import (
    FeatureExtractor,
    InceptionFeatures,
)
from deepi2i_tf.metrics.inception import build_inception
from deepi2i_tf.metrics.inception_weights import assign_inception_weights
from deepi2i_tf.metrics.resize import resize_for_inception
from deepi2i_tf.utils.errors import UserError
from tests.metrics import drawn_inception


class _Inception:
    num_features = 5
    sha256 = "abc"

    def __call__(self, images):
        return np.full((len(images), 5), images.mean(), np.float32)


def test_predicts_class_features_and_pose(evaluation, sources):
    extractor, images = evaluation.extractor, sources.images[:20]
    assert (extractor.name, extractor.dimensions, extractor.sha256) == (
        "domain",
        16,
        None,
    )
    classes, features, poses = extractor.predict(images)
    np.testing.assert_array_equal(classes, extractor.models.classify(images))
    np.testing.assert_array_equal(features, extractor.features(images))
    np.testing.assert_array_equal(poses, extractor.models.predict_poses(images))


def test_inception_replaces_the_features_alone(evaluation, sources):
    extractor = FeatureExtractor(evaluation.extractor.models, _Inception())
    assert (extractor.name, extractor.dimensions) == ("inception-2015", 5)
    assert extractor.sha256 == "abc"
    images = sources.images[:4]
    predictions = extractor.predict(images)
    assert (
        predictions.features.shape == extractor.features(images).shape == (4, 5)
    )
    np.testing.assert_array_equal(
        predictions.classes, extractor.models.classify(images)
    )


def test_takes_what_the_network_has_before_its_classes(monkeypatch):
    def load(model, path):
        assert path == "inception.pth"
        assign_inception_weights(model, drawn_inception.tensors())
        return "abc"

    monkeypatch.setattr(feature_extractor, "load_inception_weights", load)
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
