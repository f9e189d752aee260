import numpy as np
import pytest

from deepi2i_tf.evaluation.real_images import RealImages
from deepi2i_tf.evaluation.scores import score_real, score_translations
from deepi2i_tf.evaluation.translations import Readings
from deepi2i_tf.metrics.classifier_scores import confusion_matrix

POSES = np.array([[0, 0, 0, 0, 0], [1, 2, 3, 4, 5]], np.float32)
LABELS = np.array([0, 1], np.int32)
NAMES = ("cat", "dog")
# Into cat: right, right; into dog: wrong, right. Two pairs change class.
SEEN = np.array([[0, 0], [0, 1]], np.int32)


def _score(poses, real_poses):
    sources = RealImages(np.zeros((2, 4, 4, 3), np.uint8), LABELS, real_poses)
    pictures = np.zeros((2, 2, 4, 4, 3), np.uint8)
    real = {"confusion": confusion_matrix(LABELS, LABELS, 2)}
    if real_poses is not None:
        real["reading"] = real_poses + 1
    readings = Readings(SEEN, poses, pictures)
    return score_translations(readings, sources, real, NAMES)


def test_rc_by_hand_without_poses():
    assert _score(None, None) == {
        "rc": 0.75,
        "rc_changed": 0.5,
        "rc_real": 1.0,
        "per_class": {
            "cat": {"rc": 1.0, "rc_real": 1.0},
            "dog": {"rc": 0.5, "rc_real": 1.0},
        },
    }


def test_pose_r2_by_hand():
    translated = np.stack([POSES, POSES + [1, 0, 0, 0, 0]])
    scores = _score(translated, POSES)
    # x: SS_res 2, SS_tot of 0, 1, 0, 1 is 1.
    assert scores["pose_r2"]["x"] == pytest.approx(-1.0)
    assert scores["pose_r2"]["yaw"] == 1.0
    # Readings of the sources are off by one in everything: SS_res 2 and 4.
    assert scores["pose_r2_to_reading"]["x"] == pytest.approx(-1.0)
    assert scores["pose_r2_to_reading"]["y"] == pytest.approx(0.0)
    assert scores["pose_r2_real"]["x"] == pytest.approx(-3.0)


def test_real_images_are_read_by_both_networks(evaluation):
    real = score_real(evaluation.judge, evaluation.sources)
    assert real["confusion"].sum() == len(evaluation.sources)
    assert real["reading"].shape == (len(evaluation.sources), 5)
