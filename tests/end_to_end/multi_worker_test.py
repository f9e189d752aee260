"""Two processes of one run on loopback: stopped, killed, and the same bits."""

import json
import signal
import socket
import time

import numpy as np
import pytest

from tests.end_to_end.killed_runs import DEADLINE, finish, start_training

pytestmark = pytest.mark.slow

STEPS = 8
# Sums over replicas round otherwise, and Adam divides gradients that are next
# to nothing by their own size. Here 5e-7 in step 3 becomes 1e-4 in step 7; with
# --epsilon=0.1 it stays below 1e-6 in all eight.
SAME_STEPS = 3
PACE = "speed/"


def free_addresses(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("localhost", 0))
    addresses = [f"localhost:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return addresses


def start(data_dir, run, workers):
    """The same command for every worker; TF_CONFIG alone differs."""
    addresses = free_addresses(workers)
    started = []
    for index in range(workers):
        task = {"type": "worker", "index": index}
        cluster = {"cluster": {"worker": addresses}, "task": task}
        started.append(
            start_training(
                data_dir,
                run.parent,
                env={"TF_CONFIG": json.dumps(cluster)},
                fresh=True,
                run_dir=run,
                batch_size=4,
                steps=STEPS,
                checkpoint_every=3,
            )
        )
    return started


def ends(workers):
    """Exit codes, and what each said.

    Not the last line alone: where the leader is home first, TensorFlow's own
    complaint of it may follow a follower's sentence.
    """
    codes, said = zip(*map(finish, workers), strict=True)
    return list(codes), said


def rows(run):
    """The rows of `metrics.jsonl` so far."""
    path = run / "metrics.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def wait_for_row(run, step, workers):
    deadline = time.monotonic() + DEADLINE
    while len(rows(run)) < step:
        assert all(each.poll() is None for each in workers)
        assert time.monotonic() < deadline, "the step did not come"
        time.sleep(0.005)


def sum_of(run):
    return json.loads((run / "DONE.json").read_text())["weights_sha256"]


def require_same_losses(ours, theirs):
    assert len(ours) == len(theirs) == STEPS
    for row, other in list(zip(ours, theirs, strict=True))[:SAME_STEPS]:
        assert row.keys() == other.keys()
        for name, value in row.items():
            if not name.startswith(PACE):
                np.testing.assert_allclose(
                    value, other[name], rtol=1e-5, atol=1e-5, err_msg=name
                )


def test_two_workers_are_one_run_whatever_ends_them(data_dir, tmp_path):
    alone, whole, broken = (
        tmp_path / name for name in ("alone", "whole", "broken")
    )
    undisturbed = start(data_dir, alone, 1) + start(data_dir, whole, 2)

    pair = start(data_dir, broken, 2)
    wait_for_row(broken, 1, pair)
    pair[1].send_signal(signal.SIGTERM)
    codes, said = ends(pair)
    assert codes == [1, 1], said
    step = len(rows(broken))
    assert step < STEPS
    assert f"a signal to another worker at step {step} of {STEPS}" in said[0]
    assert f"Stopped by SIGTERM at step {step} of {STEPS}" in said[1]
    assert (broken / f"checkpoints/step-{step:08d}").is_dir()

    pair = start(data_dir, broken, 2)
    wait_for_row(broken, step + 1, pair)
    pair[1].kill()
    codes, said = ends(pair)
    assert codes == [1, -signal.SIGKILL], said
    assert "Expected all 2 workers to go on." in said[0]

    pair = start(data_dir, broken, 2)
    wait_for_row(broken, step + 2, pair)
    for worker in pair:
        worker.kill()
    codes, said = ends(pair)
    assert codes == [-signal.SIGKILL] * 2, said

    codes, said = ends(start(data_dir, broken, 2))
    assert codes == [0, 0], said
    codes, said = ends(undisturbed)
    assert codes == [0, 0, 0], said
    assert sum_of(broken) == sum_of(whole)
    assert len(rows(broken)) == STEPS
    require_same_losses(rows(whole), rows(alone))
    assert [path.name for path in broken.glob("*.txt")] == ["log.txt"]
