"""Real processes, really killed: the same weights, bit for bit."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

STEPS = 24
CHECKPOINT_EVERY = 4
DEADLINE = 300.0
QUIET = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}

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
    run_module(
        "data_prep.prepare",
        "--dataset=creatures",
        f"--data_dir={folder}",
        "--resolution=32",
        "--num_classes=3",
        "--num_images=60",
    )
    return folder


def run_module(module, *arguments):
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        check=True,
        env=QUIET,
        capture_output=True,
        text=True,
    )


def start_training(data_dir, runs_dir, command="train"):
    """Starts the command; without --run_dir it must find its own run."""
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            f"deepi2i_tf.{command}",
            f"--data_dir={data_dir}",
            f"--runs_dir={runs_dir}",
            "--resolution=32",
            "--ch=2",
            "--batch_size=2",
            f"--steps={STEPS}",
            f"--checkpoint_every={CHECKPOINT_EVERY}",
            "--log_every=1",
            "--sample_every=0",
        ],
        env=QUIET,
        stdout=subprocess.DEVNULL,
    )


def kill_when(process, moment):
    """Kills a process as soon as `moment()` is true."""
    deadline = time.monotonic() + DEADLINE
    while not moment():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline, "the moment did not come"
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.wait()


def rows(runs_dir):
    """Steps in `metrics.jsonl` so far."""
    found = list(runs_dir.glob("*/metrics.jsonl"))
    return found[0].read_text().count("\n") if found else 0


def unfinished(runs_dir):
    """Checkpoints that are being written, or were when it was killed."""
    return list(runs_dir.glob("*/checkpoints/.tmp-step-*"))


def done(runs_dir):
    (file,) = runs_dir.glob("*/DONE.json")
    return json.loads(file.read_text())


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

    assert start_training(data_dir, runs).wait(DEADLINE) == 0
    assert undisturbed.wait(DEADLINE) == 0
    moments = f"killed at rows {early} and {late}"
    expected = done(tmp_path / "undisturbed")["weights_sha256"]
    assert done(runs)["weights_sha256"] == expected, moments
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
    assert start_training(data_dir, runs, "pretrain").wait(DEADLINE) == 0
    assert undisturbed.wait(DEADLINE) == 0
    expected = done(tmp_path / "whole")["weights_sha256"]
    assert done(runs)["weights_sha256"] == expected, f"killed at {moment}"
    assert rows(runs) == STEPS


def test_the_first_signal_saves_and_says_how_to_go_on(data_dir, tmp_path):
    process = start_training(data_dir, tmp_path)
    deadline = time.monotonic() + DEADLINE
    while rows(tmp_path) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(DEADLINE) == 1
    steps = sorted(tmp_path.glob("*/checkpoints/step-*"))
    assert int(steps[-1].name.removeprefix("step-")) == rows(tmp_path)


def test_two_replicas_stop_and_go_on(data_dir, tmp_path):
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    subprocess.run(
        [sys.executable, "-c", TWO_REPLICAS, data_dir, whole, halves],
        check=True,
        env=QUIET,
        capture_output=True,
    )
    sums = [
        json.loads((path / "DONE.json").read_text())["weights_sha256"]
        for path in (whole, halves)
    ]
    assert sums[0] == sums[1]
    log = (whole / "log.txt").read_text()
    assert "1 micro-batches x 4; 2 replica(s) x 2" in log
