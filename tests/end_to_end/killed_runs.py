"""Real training processes, really killed, and what must not depend on it."""

import json
import time

from deepi2i_tf.runs.checkpoints import list_checkpoints
from tests import processes
from tests.processes import DEADLINE
from tests.training import run_outcome

TINY = {
    "resolution": 32,
    "ch": 2,
    "batch_size": 2,
    "steps": 24,
    "checkpoint_every": 4,
    "log_every": 1,
    "sample_every": 0,
}


def prepare(data_dir):
    """Sixty Creatures of three species at 32 px."""
    processes.succeed(
        "data_prep.prepare",
        "--dataset=creatures",
        f"--data_dir={data_dir}",
        "--resolution=32",
        "--num_classes=3",
        "--num_images=60",
    )


def start_training(
    data_dir, runs_dir, command="train", env=None, fresh=False, **flags
):
    """Starts the command; without --run_dir it must find its own run."""
    given = TINY | flags | {"data_dir": data_dir, "runs_dir": runs_dir}
    return processes.start(
        f"deepi2i_tf.{command}",
        *(f"--{name}={value}" for name, value in given.items()),
        env=env,
        fresh=fresh,
    )


def wait_for(process, moment, deadline=DEADLINE):
    """Waits until `moment()` is true of a process that goes on."""
    end = time.monotonic() + deadline
    while not moment():
        assert process.poll() is None, process.said()
        assert time.monotonic() < end, "the moment did not come"
        time.sleep(0.0005)


def kill_when(process, moment):
    """Kills a process as soon as `moment()` is true."""
    wait_for(process, moment)
    process.kill()


def finish(process, deadline=DEADLINE):
    """Lets a process end; returns its exit code and what it complained of."""
    code, _, message = process.wait(deadline)
    return code, message


def rows(runs_dir):
    """Rows of `metrics.jsonl` so far."""
    found = list(runs_dir.glob("*/metrics.jsonl"))
    return found[0].read_text().count("\n") if found else 0


def unfinished(runs_dir):
    """Checkpoints that are being written, or were when it was killed."""
    return list(runs_dir.glob("*/checkpoints/.tmp-step-*"))


def checkpoints(runs_dir):
    """Step and path of every checkpoint, oldest first."""
    folders = runs_dir.glob("*/checkpoints")
    return [pair for folder in folders for pair in list_checkpoints(folder)]


def done(runs_dir):
    (file,) = runs_dir.glob("*/DONE.json")
    return json.loads(file.read_text())


def outcome(runs_dir):
    """What the one finished run has left."""
    (file,) = runs_dir.glob("*/DONE.json")
    return run_outcome.outcome(file.parent)
