"""What a run does about a collapse, in the real loop around three numbers."""

import json

import pytest

from deepi2i_tf.config import MonitorConfig
from deepi2i_tf.runs.checkpoints import list_checkpoints
from deepi2i_tf.utils.errors import UserError
from tests.training.light_run import light_config, run_light


def collapsing(step, translator):
    """The mFID of step 6 is far worse than that of the best, of step 5."""
    return {"mfid": 11.0 if step == 6 else 10.0 - step}


def config(path, on_collapse, **training):
    return light_config(
        path, MonitorConfig(on_collapse=on_collapse), **training
    )


def test_warn_says_so_once_and_goes_on(tmp_path):
    run_light(config(tmp_path, "warn"), collapsing)
    log = (tmp_path / "log.txt").read_text()
    said = "Collapse at step 6: mFID rose to 11 from 5.\n"
    assert log.count(said) == 1
    assert "Done: 9 steps" in log
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    states = [row["monitor/state"] for row in rows if "monitor/state" in row]
    # The row of step 6 is written before its evaluation.
    assert states == [0, 0, 0, 0, 0, 0, 3, 0, 0]
    assert "COLLAPSE" in log.split("step 7/9")[1].splitlines()[0]


def test_stop_saves_the_checkpoint_and_names_the_best(tmp_path):
    with pytest.raises(UserError) as refusal:
        run_light(config(tmp_path, "stop"), collapsing)
    assert str(refusal.value) == (
        "Expected a training that does not collapse. Received: at step 6 of "
        "9, mFID rose to 11 from 5. Its checkpoint is saved, and the best "
        "one, of step 5, is there; run the same command with "
        "--on_collapse=warn to go on all the same, or begin another run with "
        "--r1, --augment, lower learning rates or another --seed."
    )
    found = [step for step, _ in list_checkpoints(tmp_path / "checkpoints")]
    assert found == [4, 5, 6]
    assert not (tmp_path / "DONE.json").exists()


def test_what_was_stopped_goes_on_with_the_same_bits(tmp_path):
    with pytest.raises(UserError, match="does not collapse"):
        run_light(config(tmp_path / "one", "stop"), collapsing)
    run_light(config(tmp_path / "one", "warn"), collapsing)
    run_light(config(tmp_path / "two", "warn"), collapsing)
    one, two = (
        json.loads((tmp_path / name / "DONE.json").read_text())
        for name in ("one", "two")
    )
    assert one["weights_sha256"] == two["weights_sha256"]


def test_a_collapse_in_the_last_step_ends_the_run_as_any_other(tmp_path):
    run_light(config(tmp_path, "stop", steps=6), collapsing)
    assert (tmp_path / "DONE.json").exists()
    assert "Collapse at step 6" in (tmp_path / "log.txt").read_text()
