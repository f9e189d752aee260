import numpy as np
import pytest

from deepi2i_tf.evaluation.per_class import SourceFacts
from deepi2i_tf.evaluation.scores import Reals, score, translated_confusion

POSES = np.array([[0, 0, 0, 0, 0], [1, 2, 3, 4, 5]], np.float32)
NAMES = ("cat", "dog")
REALS = Reals(np.array([[1, 0], [0, 1]]))


def _results():
    """Into cat: right, right; into dog: wrong, right. Two change class."""
    return [
        {"predicted": np.array([2, 0]), "predicted_changed": np.array([1, 0])},
        {"predicted": np.array([1, 1]), "predicted_changed": np.array([1, 0])},
    ]


def test_rc_by_hand():
    assert score(_results(), SourceFacts(), REALS, NAMES) == {
        "rc": 0.75,
        "rc_changed": 0.5,
        "rc_real": 1.0,
        "per_class": {
            "cat": {"rc": 1.0, "rc_real": 1.0, "num_translations": 2},
            "dog": {"rc": 0.5, "rc_real": 1.0, "num_translations": 2},
        },
    }
    assert translated_confusion(_results()).tolist() == [[2, 0], [1, 1]]


def test_what_is_undefined_is_absent():
    results = _results()
    for result in results:
        result["predicted_changed"] = np.zeros(2, int)
    reals = Reals(np.array([[1, 0], [0, 0]]))
    scores = score(results, SourceFacts(), reals, NAMES)
    assert "rc_changed" not in scores
    assert "rc_real" not in scores["per_class"]["dog"]


def test_distances_are_means_over_classes():
    results = _results()
    for label, result in enumerate(results):
        result |= {"fid": 10.0 + label, "kid": 0.02 * label}
        result |= {"diversity": 1.0 + label, "diversity_real": 4.0}
    reals = Reals(np.eye(2, dtype=int), np.array([[3, 1], [2, 2]]), [7, 9])
    scores = score(results, SourceFacts(), reals, NAMES)
    assert scores["mfid"] == 10.5
    assert scores["mkid_x100"] == pytest.approx(1.0)
    assert scores["fc"] == 5 / 8
    assert scores["diversity"] == {
        "translations": 1.5,
        "reals": 4.0,
        "share": 0.375,
    }
    dog = scores["per_class"]["dog"]
    assert (dog["fid"], dog["fc"], dog["num_reals"]) == (11.0, 0.5, 9)
    assert dog["kid_x100"] == pytest.approx(2.0)
    assert dog["diversity"]["share"] == 0.5


def test_pose_r2_by_hand():
    results = _results()
    # Into cat poses are kept, into dog x is off by one for both sources.
    for residual, result in zip((0.0, 2.0), results, strict=True):
        result["residual"] = np.array([residual, 0, 0, 0, 0])
        # Readings of the sources are off by one in everything.
        result["residual_to_reading"] = np.array([2 - residual, 2, 2, 2, 2])
        result["pose_product"] = np.array([residual, 0.5, 0.5, 0.5, 0.5])
    facts = SourceFacts(np.array([0, 1]), POSES, POSES + 1)
    scores = score(results, facts, REALS, NAMES)
    # x: SS_res 2, SS_tot of 0, 1, 0, 1 is 1.
    assert scores["pose_r2"]["x"] == pytest.approx(-1.0)
    assert scores["pose_r2"]["yaw"] == 1.0
    assert scores["pose_r2_to_reading"]["x"] == pytest.approx(-1.0)
    # SS_res 4, SS_tot of 1, 3, 1, 3 is 4.
    assert scores["pose_r2_to_reading"]["y"] == pytest.approx(0.0)
    assert scores["pose_r2_real"]["x"] == pytest.approx(-3.0)
    # Products 2 and 1; SS_tot of 0, 1, 0, 1 is 1, of 0, 2, 0, 2 is 4.
    assert scores["pose_slope"]["x"] == pytest.approx(2.0)
    assert scores["pose_slope"]["y"] == pytest.approx(0.25)


def test_a_component_that_does_not_vary_has_no_r2():
    results = [r | {"residual": np.ones(5)} for r in _results()]
    others = {"residual_to_reading": np.ones(5), "pose_product": np.ones(5)}
    results = [r | others for r in results]
    poses = POSES * [1, 0, 1, 1, 1]
    scores = score(results, SourceFacts(None, poses, poses), REALS, NAMES)
    for name in ("pose_r2", "pose_slope"):
        assert list(scores[name]) == ["x", "scale", "roll", "yaw"]
