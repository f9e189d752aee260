import numpy as np

from deepi2i_tf.evaluation.reference.models import ReferenceModels
from tests.evaluation import disc_set


def test_reads_classes_and_poses(evaluation, sources):
    judge = evaluation.eyes.judge
    seen = judge.classify(sources.images)
    assert seen.dtype == np.int32 and seen.shape == (48,)
    assert np.mean(seen == sources.labels) >= 0.95
    poses = judge.read_pose(sources.images)
    assert poses.shape == (48, 5)
    error = np.abs(poses - sources.poses).mean(axis=0)
    assert error[0] < 0.05 and error[1] < 0.05  # x and y span 0.4


def test_features_are_what_the_last_layer_decides_by(evaluation, sources):
    judge = evaluation.eyes.judge
    seen, features = judge.classify_with_features(sources.images)
    assert features.shape == (48, judge.num_features) == (48, 16)
    np.testing.assert_array_equal(seen, judge.classify(sources.images))
    weights, bias = judge.classifier.layers[-1].get_weights()
    np.testing.assert_array_equal(seen, (features @ weights + bias).argmax(1))


def test_has_no_regressor_where_there_are_no_poses():
    judge = ReferenceModels(
        16, 3, has_pose=False, recipe=disc_set.RECIPE, seed=0
    )
    assert judge.regressor is None
    assert judge.classify(np.zeros((2, 16, 16, 3), np.uint8)).shape == (2,)
