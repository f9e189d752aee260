"""Shards that vanish or change while a run streams them, and come back."""

import os
import shutil

import pytest

from deepi2i_tf.data import find_prepared, pipeline
from deepi2i_tf.runs.checkpoints import list_checkpoints
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set
from tests.training.light_run import light_config, run_light
from tests.training.run_outcome import outcome

# An epoch is six steps: a run reads every shard three times.
HABITS = {
    "steps": 18, "checkpoint_every": 4, "keep_checkpoints": 9, "batch_size": 4
}  # fmt: skip
STEP = 6


@pytest.fixture(name="data")
def _data(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "MEMORY_LIMIT", 0)
    prepared_set.write_prepared(tmp_path, encoding="raw")
    return find_prepared(str(tmp_path), "creatures", 8)


def truncate(file):
    os.truncate(file, os.path.getsize(file) // 2)


def replace(file):
    """By another whole shard of as many bytes."""
    shutil.copy(file.replace("00000-of", "00001-of"), file)


@pytest.mark.parametrize(
    "harm, message",
    [
        (os.remove, "no such file"),
        (truncate, r"(\d+|other) bytes"),
        (replace, "other bytes"),
    ],
)
def test_the_run_ends_with_a_sentence_and_goes_on_once_it_is_restored(
    harm, message, data, tmp_path
):
    whole, run = tmp_path / "whole", tmp_path / "run"
    run_light(light_config(whole, **HABITS), lambda *_: {"mfid": 1.0}, data)
    file = prepared_set.shard_file(data.path, number=0)
    shutil.copy(file, tmp_path / "copy")

    def evaluate(step, translator):
        if step == STEP:
            harm(file)
        return {"mfid": 1.0}

    with pytest.raises(UserError, match=f"{file} to be .*Received: {message}"):
        run_light(light_config(run, **HABITS), evaluate, data)
    # What was trained after that is in no checkpoint.
    assert list_checkpoints(run / "checkpoints")[-1][0] <= STEP
    shutil.copy(tmp_path / "copy", file)
    run_light(light_config(run, **HABITS), lambda *_: {"mfid": 1.0}, data)
    assert outcome(run) == outcome(whole)
