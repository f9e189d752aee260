import numpy as np

from deepi2i_tf.evaluation.feature_extractor import FeatureExtractor


class _Inception:
    num_features = 5
    sha256 = "abc"

    def __call__(self, images):
        return np.full((len(images), 5), images.mean(), np.float32)


def test_one_look_sees_class_features_and_pose(evaluation, sources):
    eyes, images = evaluation.eyes, sources.images[:20]
    assert (eyes.name, eyes.dimensions, eyes.sha256) == ("domain", 16, None)
    classes, features, poses = eyes.look(images)
    np.testing.assert_array_equal(classes, eyes.judge.classify(images))
    np.testing.assert_array_equal(features, eyes.features(images))
    np.testing.assert_array_equal(poses, eyes.judge.read_pose(images))


def test_inception_replaces_the_features_alone(evaluation, sources):
    eyes = FeatureExtractor(evaluation.eyes.judge, _Inception())
    assert (eyes.name, eyes.dimensions) == ("inception-2015", 5)
    assert eyes.sha256 == "abc"
    images = sources.images[:4]
    sight = eyes.look(images)
    assert sight.features.shape == eyes.features(images).shape == (4, 5)
    np.testing.assert_array_equal(sight.classes, eyes.judge.classify(images))
