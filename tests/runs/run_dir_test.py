import dataclasses
import datetime
import json
import os
import subprocess

import pytest

from deepi2i_tf.config import Config, NetworkConfig, TrainingConfig
from deepi2i_tf.runs import run_dir
from deepi2i_tf.utils.errors import UserError

DATA = {"shards_sha256": "a", "dataset": "d", "config": "c", "path": "/d"}


def make_config(tmp_path, **training):
    values = {"runs_dir": str(tmp_path / "runs"), "name": "test", **training}
    return Config(
        network=NetworkConfig(num_classes=2),
        training=TrainingConfig(**values),
    )


def begin(config):
    run = run_dir.open_run_dir(config)
    run_dir.describe_run(run, config, "--seed=0\n", DATA)
    return run


def test_runs_are_numbered_and_described(tmp_path):
    first = begin(make_config(tmp_path))
    second = begin(make_config(tmp_path, seed=1))
    names = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert names[0].startswith("00000-test-20")
    assert names[1].startswith("00001-test-20")
    assert (first.path / "flags.cfg").read_text() == "--seed=0\n"
    assert Config.from_json((second.path / "config.json").read_text()) == (
        make_config(tmp_path, seed=1)
    )
    first.release()
    second.release()


def test_the_same_command_finds_its_own_unfinished_run(tmp_path):
    run = begin(make_config(tmp_path))
    run.release()
    again = run_dir.open_run_dir(make_config(tmp_path))
    assert again.path == run.path and again.found
    other = run_dir.open_run_dir(make_config(tmp_path, seed=1))
    assert other.path != run.path and not other.found


def test_half_a_file_of_a_killed_process_is_removed(tmp_path):
    run = begin(make_config(tmp_path))
    (run.path / ".tmp-best.json-0a1b2c3d").write_text("{")
    run.release()
    run = begin(make_config(tmp_path))
    assert not list(run.path.glob(".tmp-*"))
    run.release()


def test_a_run_in_use_is_not_taken(tmp_path):
    run = begin(make_config(tmp_path))
    assert run_dir.open_run_dir(make_config(tmp_path)).path != run.path


def test_a_finished_run_is_not_taken(tmp_path):
    run = begin(make_config(tmp_path))
    run.finish({"step": 5})
    assert run.finished_step() == 5
    run.release()
    assert run_dir.open_run_dir(make_config(tmp_path)).path != run.path


def test_a_given_run_dir_in_use_is_refused_with_the_process(tmp_path):
    config = make_config(tmp_path, run_dir=str(tmp_path / "mine"))
    run = begin(config)
    with pytest.raises(UserError, match=f"process {os.getpid()}"):
        run_dir.open_run_dir(config)
    run.release()
    run_dir.open_run_dir(config).release()


def test_a_run_dir_of_another_configuration_is_refused(tmp_path):
    config = make_config(tmp_path, run_dir=str(tmp_path / "mine"))
    begin(config).release()
    before = (tmp_path / "mine" / "config.json").read_text()
    other = dataclasses.replace(
        config, network=NetworkConfig(num_classes=2, ch=7)
    )
    with pytest.raises(UserError, match="ch .96 there, 7 here"):
        begin(other)
    assert (tmp_path / "mine" / "config.json").read_text() == before


def test_the_newest_run_is_that_of_the_highest_number(tmp_path, monkeypatch):
    class Yesterday(datetime.date):
        @classmethod
        def today(cls):
            return cls(2001, 2, 3)

    first = begin(make_config(tmp_path))
    monkeypatch.setattr(run_dir.datetime, "date", Yesterday)
    second = begin(make_config(tmp_path))  # the first is in use
    assert second.path.name == "00001-test-20010203"
    first.release()
    second.release()
    assert run_dir.open_run_dir(make_config(tmp_path)).path == second.path


@pytest.mark.parametrize("given", ["runs_dir", "run_dir"])
def test_a_read_only_disk_is_refused(given, small_disk):
    config = make_config(small_disk, **{given: str(small_disk / "there")})
    begin(config).release()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(UserError) as refusal:
        run_dir.open_run_dir(config)
    assert "Received: Read-only file system. Nothing was" in str(refusal.value)


def test_more_steps_are_taken_over(tmp_path):
    config = make_config(tmp_path, run_dir=str(tmp_path / "mine"), steps=5)
    run = begin(config)
    run.finish({"step": 5})
    run.release()
    more = make_config(tmp_path, run_dir=str(tmp_path / "mine"), steps=9)
    again = begin(more)
    again.reopen()
    assert again.finished_step() is None
    stored = json.loads((again.path / "config.json").read_text())
    assert stored["training"]["steps"] == 9


def test_a_path_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    config = make_config(tmp_path, run_dir=str(tmp_path / "file" / "run"))
    with pytest.raises(UserError, match="Expected to be able to write"):
        run_dir.open_run_dir(config)
