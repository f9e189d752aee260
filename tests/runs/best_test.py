import json
import math

import numpy as np
import pytest

from deepi2i_tf.config import BEST_METRICS
from deepi2i_tf.runs import best
from deepi2i_tf.runs.best import BestCheckpoint
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.utils.errors import UserError


@pytest.fixture
def make(tmp_path):
    def best(requested="mfid"):
        return BestCheckpoint(tmp_path, requested, RunLog(tmp_path / "log.txt"))

    return best


def stored(tmp_path):
    return json.loads((tmp_path / "best.json").read_text())


def test_every_metric_has_a_direction():
    judged = best.IS_BETTER.keys() | {best.NONE}
    assert judged == set(BEST_METRICS)


@pytest.mark.parametrize(
    ("metric", "values", "best"),
    [
        ("mfid", [3.0, 2.0, 2.0, 2.5], 2),
        ("mkid_x100", [-0.1, 0.0, math.nan, -0.1], 1),
        ("rc", [0.2, 0.9, 0.9, math.inf], 2),
        ("rc", [math.nan, -0.5, -1.0, math.nan], 2),
    ],
)
def test_the_first_of_the_best_is_the_best(make, metric, values, best):
    tracker = make(metric)
    for step, value in enumerate(values, start=1):
        said = tracker.update(step, {metric: value})
    assert tracker.step == best
    assert f"best {metric} so far {values[best - 1]:.4g}, at step" in said


def test_what_is_no_number_is_never_the_best(make):
    tracker = make()
    said = tracker.update(1, {"mfid": math.nan})
    assert said == "; its mfid is no number and cannot be the best; no best yet"
    assert tracker.record is None
    tracker.update(2, {"mfid": 5.0})
    assert "cannot be the best; best mfid" in tracker.update(3, {"rc": 1.0})
    assert tracker.step == 2


def test_best_json_tells_all_metrics_and_is_valid_json(make, tmp_path):
    tracker = make("rc")
    results = {
        "rc": np.float32(0.5),
        "mfid": math.nan,
        "pose_r2": {"x": 1.0},
        "features": "judge",
    }
    tracker.update(7, results)
    tracker.write()
    assert stored(tmp_path) == {
        "step": 7,
        "metric": "rc",
        "value": 0.5,
        "metrics": {"rc": 0.5, "mfid": None, "pose_r2/x": 1.0},
    }


def test_a_metric_that_is_not_given_is_refused_by_name(make):
    with pytest.raises(UserError) as refusal:
        make("mkid_x100").update(1, {"rc": 0.5, "pose_r2": {"x": 1.0}})
    text = str(refusal.value)
    assert "best_metric=mkid_x100" in text and "gives rc, pose_r2/x." in text
    assert text.endswith("--best_metric=rc or none.")
    with pytest.raises(UserError, match="gives nothing"):
        make().update(1, {})


def test_rc_stands_in_for_a_default_that_is_not_given(make, capsys):
    tracker = make()
    assert "best rc so far 0.5, at step 1" in tracker.update(1, {"rc": 0.5})
    said = capsys.readouterr().out
    assert "gives no mfid: the best checkpoint is chosen by rc" in said
    again = make()
    (again._checkpoints / "step-00000001").mkdir(parents=True)
    again.restore(tracker.record)
    # A metric that comes later does not make the earlier ones worthless.
    assert "best rc so far 0.5, at step 1" in again.update(
        2, {"rc": 0.4, "mfid": 3.0}
    )
    assert capsys.readouterr().out == ""


def test_none_judges_nothing(make, tmp_path):
    tracker = make("none")
    assert tracker.update(1, {}) == ""
    tracker.write()
    assert not (tmp_path / "best.json").exists()


def test_a_run_without_a_best_takes_an_older_best_json_back(make, tmp_path):
    (tmp_path / "best.json").write_text("{}")
    make().restore(None)
    assert not (tmp_path / "best.json").exists()
