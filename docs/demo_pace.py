"""Tells how long `make demo` takes here, from the first steps of its training.

It runs beside the training, reads the rows that it writes, says one sentence
and ends.

Example:
    python docs/demo_pace.py demo/run
"""

import json
import os
import pathlib
import sys
import time
from collections.abc import Iterable, Sequence

from deepi2i_tf.runs.layout import (
    CONFIG_FILE,
    METRICS_LOG,
    STEP,
    STEPS_PER_SECOND,
)
from deepi2i_tf.utils.atomic_files import read_json
from deepi2i_tf.utils.formatting import format_duration

# The first row of a session has the compilation in its pace.
ROWS = 3
# Evaluation, export and pictures, for each second of the training.
REST = 0.2
POLL_SECONDS = 1.0


def main(arguments: Sequence[str]) -> None:
    """Waits for the first rows of a run that is about to begin or go on."""
    (run,) = map(pathlib.Path, arguments)
    parent, before = os.getppid(), set(lines(run))
    while os.getppid() == parent:
        new = [line for line in lines(run) if line not in before]
        if len(found := paces(new)) >= ROWS:
            print(f"\n{sentence(found, total_steps(run))}", flush=True)
            return
        time.sleep(POLL_SECONDS)


def lines(run: pathlib.Path) -> list[str]:
    """The rows of a run so far."""
    log = run / METRICS_LOG
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def paces(rows: Iterable[str]) -> list[tuple[int, float]]:
    """(step, steps per second) of each whole row of losses."""
    found = []
    for line in rows:
        try:
            row = json.loads(line)
            found.append((row[STEP], row[STEPS_PER_SECOND]))
        except (ValueError, KeyError):  # half written, or of an evaluation
            continue
    return found


def total_steps(run: pathlib.Path) -> int:
    """Steps that the run is to make."""
    return read_json(run / CONFIG_FILE)["training"]["steps"]


def sentence(rows: Sequence[tuple[int, float]], steps: int) -> str:
    """What is said of the rows of this session."""
    step, pace = rows[-1][0], min(each for _, each in rows[1:])
    training = (steps - step) / max(pace, 1e-9)
    rest = REST * steps / max(pace, 1e-9)
    return (
        f"At this machine's pace, {pace:.2f} steps/s, training takes "
        f"{format_duration(training)} from here, and evaluation, export and "
        f"pictures about {format_duration(rest)} more."
    )


if __name__ == "__main__":
    main(sys.argv[1:])
