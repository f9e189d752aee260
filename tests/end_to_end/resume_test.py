"""Real processes, really killed: the same weights, bit for bit."""

import json
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.end_to_end import killed_runs
from tests.end_to_end.killed_runs import (
    checkpoints,
    done,
    finish,
    kill_when,
    outcome,
    rows,
    start_training,
    unfinished,
    wait_for,
)

STEPS = killed_runs.TINY["steps"]
CHECKPOINT_EVERY = killed_runs.TINY["checkpoint_every"]

TWO_REPLICAS = """
import sys
from deepi2i_tf import config as c
from deepi2i_tf.training import trainer

def train(run_dir, steps):
    trainer.train(c.Config(
        data=c.DataConfig(data_dir=sys.argv[1]),
        network=c.NetworkConfig(resolution=32, ch=2, dim_z=16, shared_dim=8),
        training=c.TrainingConfig(
            batch_size=4, num_replicas=2, steps=steps,
            run_dir=run_dir, sample_every=4, log_every=2),
    ))

train(sys.argv[2], 4)
train(sys.argv[3], 2)
train(sys.argv[3], 4)
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    killed_runs.prepare(folder)
    return folder


def test_killed_at_three_moments_the_weights_are_the_same(data_dir, tmp_path):
    runs = tmp_path / "runs"
    undisturbed = start_training(data_dir, tmp_path / "undisturbed")
    draw = random.Random(time.time_ns())

    early = draw.randrange(1, CHECKPOINT_EVERY + 2)
    kill_when(start_training(data_dir, runs), lambda: rows(runs) >= early)
    for _ in range(4):  # the write may have ended before the kill came
        kill_when(start_training(data_dir, runs), lambda: unfinished(runs))
        if unfinished(runs):
            break
    assert unfinished(runs)
    late = draw.randrange(STEPS - 6, STEPS - 1)
    kill_when(start_training(data_dir, runs), lambda: rows(runs) >= late)

    assert finish(start_training(data_dir, runs)) == (0, "")
    assert finish(undisturbed) == (0, "")
    moments = f"killed at rows {early} and {late}"
    assert outcome(runs) == outcome(tmp_path / "undisturbed"), moments
    assert done(runs)["step"] == STEPS
    assert rows(runs) == STEPS, moments
    assert not unfinished(runs)


def test_pretraining_that_was_killed_ends_with_the_same_weights(
    data_dir, tmp_path
):
    runs = tmp_path / "runs"
    undisturbed = start_training(data_dir, tmp_path / "whole", "pretrain")
    moment = random.Random(time.time_ns()).randrange(5, STEPS - 2)
    process = start_training(data_dir, runs, "pretrain")
    kill_when(process, lambda: rows(runs) >= moment)
    assert finish(start_training(data_dir, runs, "pretrain")) == (0, "")
    assert finish(undisturbed) == (0, "")
    expected = outcome(tmp_path / "whole")
    assert outcome(runs) == expected, f"killed at {moment}"
    assert rows(runs) == STEPS


def begin(data_dir, runs):
    """A process that has trained two steps."""
    process = start_training(data_dir, runs)
    wait_for(process, lambda: rows(runs) >= 2)
    return process


@pytest.fixture(scope="module")
def undisturbed(data_dir, tmp_path_factory):
    runs = tmp_path_factory.mktemp("undisturbed")
    assert finish(start_training(data_dir, runs)) == (0, "")
    return outcome(runs)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_first_signal_saves_and_the_same_command_goes_on(
    name, data_dir, undisturbed, tmp_path
):
    process = begin(data_dir, tmp_path)
    process.send_signal(signal.Signals[name])
    code, message = finish(process)
    assert code == 1
    saved, _ = checkpoints(tmp_path)[-1]
    assert saved == rows(tmp_path) < STEPS
    assert message == (
        f"Stopped by {name} at step {saved} of {STEPS}; its checkpoint is "
        "saved. Run the same command again to go on.\n"
    )
    assert finish(start_training(data_dir, tmp_path)) == (0, "")
    assert outcome(tmp_path) == undisturbed


def test_a_second_process_on_the_same_run_is_refused_and_harms_nothing(
    data_dir, undisturbed, tmp_path
):
    first = begin(data_dir, tmp_path)
    first.send_signal(signal.SIGSTOP)  # so that it is not done too soon
    (config,) = tmp_path.glob("*/config.json")
    run = config.parent
    code, message = finish(start_training(data_dir, tmp_path, run_dir=run))
    first.send_signal(signal.SIGCONT)
    assert code == 1
    assert message == (
        f"Expected {run} to be free. Received: a run directory in use by "
        f"process {first.pid}. Wait for it, stop it, or choose another "
        "--run_dir.\n"
    )
    assert finish(first) == (0, "")
    assert outcome(tmp_path) == undisturbed


def test_the_second_signal_stops_at_once_and_loses_nothing(
    data_dir, undisturbed, tmp_path
):
    process = begin(data_dir, tmp_path)
    while process.poll() is None:  # two that are pending at once are one
        process.send_signal(signal.SIGINT)
        time.sleep(0.002)
    code, _ = finish(process)
    assert code == -signal.SIGINT
    assert finish(start_training(data_dir, tmp_path)) == (0, "")
    assert outcome(tmp_path) == undisturbed


def test_two_replicas_stop_and_go_on(data_dir, tmp_path):
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    subprocess.run(
        [sys.executable, "-c", TWO_REPLICAS, data_dir, whole, halves],
        check=True,
        env=killed_runs.QUIET,
        capture_output=True,
    )
    sums = [
        json.loads((path / "DONE.json").read_text())["weights_sha256"]
        for path in (whole, halves)
    ]
    assert sums[0] == sums[1]
    log = (whole / "log.txt").read_text()
    assert "1 micro-batches x 4; 2 replica(s) x 2" in log
