import itertools
import json
import math
import shutil
import signal

import pytest

from deepi2i_tf.runs.checkpoints import list_checkpoints, read_meta
from deepi2i_tf.utils.errors import UserError
from tests.training.light_run import (
    Killed,
    killed_at,
    light_config,
    run_light,
)
from tests.training.run_outcome import outcome

# Bests at 2 (between checkpoints), 4 (with one) and 6; 3 is no better than 2.
MFID = {1: math.nan, 2: 9.0, 3: 9.0, 4: 5.0, 5: 7.0, 6: 4.0, 7: math.nan}


def evaluate(step, translator):
    return {"mfid": MFID.get(step, 6.0), "weight": float(translator[0])}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = tmp_path_factory.mktemp("best") / "run"
    run_light(light_config(path), evaluate)
    return path


def steps_there(path):
    return [step for step, _ in list_checkpoints(path / "checkpoints")]


def require_whole(path):
    """Every checkpoint is whole, and the best is one of them."""
    found = list_checkpoints(path / "checkpoints")
    assert [fault for _, each in found if (fault := read_meta(each)[1])] == []
    if (path / "best.json").exists():
        best = json.loads((path / "best.json").read_text())
        assert best["step"] in dict(found)


def test_the_best_stays_beside_the_newest(undisturbed):
    assert steps_there(undisturbed) == [6, 9]
    best = json.loads((undisturbed / "best.json").read_text())
    assert (best["step"], best["metric"], best["value"]) == (6, "mfid", 4.0)
    assert set(best["metrics"]) == {"mfid", "weight"}
    log = (undisturbed / "log.txt").read_text()
    assert "step 1: mfid nan, weight" in log
    assert "its mfid is no number and cannot be the best; no best yet." in log
    assert "; best mfid so far 9, at step 2.\nstep 4/9" in log
    assert "; best mfid so far 4, at step 6.\nDone: 9 steps" in log


def test_killed_at_every_change_of_the_disk_the_end_is_the_same(
    undisturbed, tmp_path
):
    for number in itertools.count(1):
        path = tmp_path / str(number)
        with killed_at(number) as changes:
            run_light(light_config(path), evaluate)
        if len(changes) < number:
            break
        require_whole(path)
        run_light(light_config(path), evaluate)
        assert outcome(path) == outcome(undisturbed), changes
    assert number > 20


def test_an_evaluation_after_the_last_checkpoint_is_repeated_not_doubled(
    undisturbed, tmp_path
):
    seen = []

    def stops(step, translator):
        seen.append(step)
        if seen == [1, 2, 3, 4, 5]:
            raise Killed
        return evaluate(step, translator)

    with pytest.raises(Killed):
        run_light(light_config(tmp_path), stops)
    run_light(light_config(tmp_path), stops)
    assert seen == [1, 2, 3, 4, 5, 5, 6, 7, 8, 9]
    assert outcome(tmp_path) == outcome(undisturbed)


def test_a_signal_leaves_no_checkpoint_that_an_undisturbed_run_has_not(
    undisturbed, tmp_path
):
    def interrupted(step, translator):
        if step == 5:
            signal.raise_signal(signal.SIGTERM)
        return evaluate(step, translator)

    with pytest.raises(UserError, match="SIGTERM at step 5"):
        run_light(light_config(tmp_path), interrupted)
    assert steps_there(tmp_path) == [4, 5]
    run_light(light_config(tmp_path), evaluate)
    assert outcome(tmp_path) == outcome(undisturbed)


def test_a_damaged_newest_falls_back_to_one_whose_best_is_still_there(
    undisturbed, tmp_path
):
    every = {"checkpoint_every": 3, "keep_checkpoints": 2}
    run_light(light_config(tmp_path, steps=4, **every), evaluate)
    assert steps_there(tmp_path) == [2, 3, 4]
    (tmp_path / "checkpoints/step-00000004/ckpt.index").unlink()
    run_light(light_config(tmp_path, **every), evaluate)
    log = (tmp_path / "log.txt").read_text()
    assert "falling back" in log and "no longer there" not in log
    assert outcome(tmp_path)["best.json"] == outcome(undisturbed)["best.json"]


def test_a_best_that_was_deleted_is_judged_anew(tmp_path):
    run_light(light_config(tmp_path, steps=8), evaluate)
    shutil.rmtree(tmp_path / "checkpoints/step-00000006")
    run_light(light_config(tmp_path), evaluate)
    assert "step 6, is no longer there" in (tmp_path / "log.txt").read_text()
    assert json.loads((tmp_path / "best.json").read_text())["step"] == 9
    require_whole(tmp_path)


def test_another_metric_judges_anew_and_none_keeps_what_there_is(tmp_path):
    run_light(light_config(tmp_path, steps=6), evaluate)
    run_light(light_config(tmp_path, steps=8, best_metric="none"), evaluate)
    assert steps_there(tmp_path) == [6, 8]
    with pytest.raises(
        UserError, match="gives mfid, weight. Run .*=mfid or no"
    ):
        run_light(light_config(tmp_path, best_metric="mkid_x100"), evaluate)
    run_light(light_config(tmp_path, best_metric="rc"), lambda *_: {"rc": 0.5})
    assert steps_there(tmp_path) == [9]
    best = json.loads((tmp_path / "best.json").read_text())
    assert best == {
        "step": 9, "metric": "rc", "value": 0.5, "metrics": {"rc": 0.5}
    }  # fmt: skip
