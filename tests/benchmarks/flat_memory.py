"""Does the memory of a training process stay flat?

    python -m tests.benchmarks.flat_memory --json

The real command trains a small translator for 5,000 steps, with checkpoints,
sheets and logs on the way, and its private memory (RssAnon of /proc) is watched
from outside. The most of each tenth of the steps is noted: in between, it falls
by some MB whenever Python collects what checkpoints and sheets have left. The
first fifth is for warming up. With --json the last line is one JSON object:
{"steps", "megabytes": [...], "growth"}, growth being the last note over the
first after it, minus 1. Ends with 1 where it is more than --most_growth.
"""

import argparse
import json
import pathlib
import sys
import tempfile
import time

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence
from tests.end_to_end import killed_runs

NOTES = 10
WARM = 2
EVERY = 10


def private_megabytes(process_id: int | str) -> float:
    """RssAnon of a process, or of this one: "self"."""
    path = pathlib.Path(f"/proc/{process_id}/status")
    status = path.read_text(encoding="utf-8")
    (line,) = (row for row in status.splitlines() if row.startswith("RssAnon"))
    return int(line.split()[1]) / 1024


def watch(folder: pathlib.Path, steps: int, flags: dict) -> list[float]:
    """Trains, and notes the most memory in every tenth of the steps."""
    data, runs, notes = folder / "data", folder / "runs", []
    killed_runs.prepare(data)
    process = killed_runs.start_training(
        data, runs, fresh=True, steps=steps, log_every=EVERY, **flags
    )
    for note in range(1, NOTES + 1):
        # The last row is the last sign of life.
        due = steps * note // NOTES // EVERY - (note == NOTES)
        most = private_megabytes(process.pid)
        while killed_runs.rows(runs) < due:
            if process.poll() is not None:
                sys.exit(process.said()[1])
            most = max(most, private_megabytes(process.pid))
            time.sleep(0.02)
        notes.append(most)
        print(f"until step {due * EVERY}: {most:.1f} MB", flush=True)
    code, message = killed_runs.finish(process, deadline=3600.0)
    if code:
        sys.exit(message)
    return notes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--ch", type=int, default=4)
    parser.add_argument("--batch_size", type=int, default=4)
    parser.add_argument("--checkpoint_every", type=int, default=250)
    parser.add_argument("--sample_every", type=int, default=250)
    parser.add_argument("--most_growth", type=float, default=0.02)
    parser.add_argument("--json", action="store_true")
    requested = parser.parse_args()
    flags = {
        name: getattr(requested, name)
        for name in ("ch", "batch_size", "checkpoint_every", "sample_every")
    }
    with tempfile.TemporaryDirectory() as folder:
        notes = watch(pathlib.Path(folder), requested.steps, flags)
    growth = notes[-1] / notes[WARM] - 1.0
    print(f"grown by {100 * growth:.1f} % since step {requested.steps // 5}")
    if requested.json:
        found = {
            "steps": requested.steps,
            "megabytes": [round(note, 1) for note in notes],
            "growth": round(growth, 4),
        }
        print(json.dumps(found))
    sys.exit(int(growth > requested.most_growth))


if __name__ == "__main__":
    main()
