"""Real processes, really killed: the same weights, bit for bit.

DeepI2I, a BigGAN, StarGAN and SDIT; light_process_test has what needs none.
"""

import json
import random
import time

import pytest

from tests import processes
from tests.end_to_end import killed_runs
from tests.end_to_end.killed_runs import (
    done,
    finish,
    kill_when,
    outcome,
    rows,
    start_training,
    unfinished,
)

STEPS = killed_runs.TINY["steps"]
CHECKPOINT_EVERY = killed_runs.TINY["checkpoint_every"]


def test_killed_at_three_moments_the_weights_are_the_same(data_dir, tmp_path):
    runs = tmp_path / "runs"
    # Afresh, so with another order of hashes.
    undisturbed = start_training(data_dir, tmp_path / "undisturbed", fresh=True)
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


# A critic's second update, falling rates, probes and sheets are in between.
CRITIC = {
    "discriminator_steps": 2,
    "decay_steps": 12,
    "monitor_every": 5,
    "sample_every": 8,
}


@pytest.mark.parametrize(
    "command, flags",
    [
        pytest.param("pretrain", {}, id="pretrain"),
        *(
            pytest.param(
                "train",
                {"model": model, **CRITIC},
                id=model,
                marks=pytest.mark.slow,
            )
            for model in ("stargan", "sdit")
        ),
    ],
)
def test_what_was_killed_ends_with_the_same_weights(
    data_dir, tmp_path, command, flags
):
    runs, whole = tmp_path / "runs", tmp_path / "whole"
    undisturbed = start_training(data_dir, whole, command, fresh=True, **flags)
    moment = random.Random(time.time_ns()).randrange(5, STEPS - 2)
    process = start_training(data_dir, runs, command, **flags)
    kill_when(process, lambda: rows(runs) >= moment)
    again = start_training(data_dir, runs, command, **flags)
    assert finish(again) == (0, "")
    assert finish(undisturbed) == (0, "")
    assert outcome(runs) == outcome(whole), f"killed at {moment}"
    assert done(runs)["step"] == STEPS
    probes = STEPS // flags["monitor_every"] if flags else 0
    assert rows(runs) == STEPS + probes


@pytest.mark.slow
def test_two_replicas_stop_and_go_on(data_dir, tmp_path):
    whole, halves = tmp_path / "whole", tmp_path / "halves"

    def train(run_dir, steps):
        processes.succeed(
            "tests.end_to_end.two_replicas", data_dir, run_dir, steps
        )

    train(whole, 4)
    train(halves, 2)
    train(halves, 4)
    sums = [
        json.loads((path / "DONE.json").read_text())["weights_sha256"]
        for path in (whole, halves)
    ]
    assert sums[0] == sums[1]
    log = (whole / "log.txt").read_text()
    assert "1 micro-batches x 4; 2 replica(s) x 2" in log
