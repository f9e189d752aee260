"""Signals, kills and a second process: what a run answers, and leaves."""

import json
import signal
import time

import pytest

from deepi2i_tf.runs.checkpoints import list_checkpoints
from tests import processes
from tests.training.light_process import STEPS
from tests.training.run_outcome import outcome

COMMAND = "tests.training.light_process"


def last_step(run):
    """The step of the last row of `metrics.jsonl`."""
    path = run / "metrics.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return json.loads(lines[-1])["step"] if lines else 0


def begin(run):
    """A process that has trained two steps."""
    process = processes.start(COMMAND, run, "--slowly")
    deadline = time.monotonic() + processes.DEADLINE
    while last_step(run) < 2:
        assert process.poll() is None, process.said()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return process


def finish(run):
    assert processes.run(COMMAND, run).code == 0
    return outcome(run)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return finish(tmp_path_factory.mktemp("undisturbed") / "run")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_first_signal_saves_and_the_same_command_goes_on(
    name, undisturbed, tmp_path
):
    process = begin(tmp_path)
    process.send_signal(signal.Signals[name])
    code, _, message = process.wait()
    assert code == 1
    saved, _ = list_checkpoints(tmp_path / "checkpoints")[-1]
    assert saved == last_step(tmp_path) < STEPS
    assert message == (
        f"Stopped by {name} at step {saved} of {STEPS}; its checkpoint is "
        "saved. Run the same command again to go on.\n"
    )
    assert finish(tmp_path) == undisturbed


def test_the_second_signal_stops_at_once_and_loses_nothing(
    undisturbed, tmp_path
):
    process = begin(tmp_path)
    while process.poll() is None:  # two that are pending at once are one
        process.send_signal(signal.SIGINT)
        time.sleep(0.002)
    assert process.wait().code == -signal.SIGINT
    assert last_step(tmp_path) < STEPS
    assert finish(tmp_path) == undisturbed


def test_a_killed_run_goes_on(undisturbed, tmp_path):
    process = begin(tmp_path)
    process.kill()
    assert process.poll() == -signal.SIGKILL
    assert finish(tmp_path) == undisturbed


def test_a_second_process_on_the_same_run_is_refused_and_harms_nothing(
    undisturbed, tmp_path
):
    first = begin(tmp_path)
    first.send_signal(signal.SIGSTOP)  # so that it is not done too soon
    code, _, message = processes.run(COMMAND, tmp_path)
    first.send_signal(signal.SIGCONT)
    assert code == 1
    assert message == (
        f"Expected {tmp_path} to be free. Received: a run directory in use by "
        f"process {first.pid}. Wait for it, stop it, or choose another "
        "--run_dir.\n"
    )
    assert first.wait().code == 0
    assert outcome(tmp_path) == undisturbed
