"""Numbers of a run: `metrics.jsonl` and TensorBoard, the same in both."""

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from deepi2i_tf.runs.layout import METRICS_LOG, STEP, TENSORBOARD_FOLDER
from deepi2i_tf.utils.atomic_files import (
    append_line,
    explain_disk_errors,
    write_text,
)

EVENTS = "events.out.tfevents"


class MetricsLog:
    """Adds rows of numbers to `metrics.jsonl` and TensorBoard.

    Args:
        folder: the run directory.
        step: the step that was restored. Rows beyond it, of a process that
            was killed later, are cut off, and TensorBoard is told to drop
            its own.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self._path = folder / METRICS_LOG
        self._events = folder / TENSORBOARD_FOLDER
        with _explain_errors(self._path):
            keep_rows_until(self._path, step)
        with _explain_errors(self._events):
            put_before_now(self._events)
            self._writer = tf.summary.create_file_writer(
                os.fspath(self._events)
            )
            self._tell_start(step)

    def write(self, step: int, numbers: Mapping[str, float]) -> None:
        """Adds one row of plain floats after so many finished steps."""
        row = json.dumps({STEP: step, **numbers})
        with _explain_errors(self._path):
            append_line(self._path, row)
        with self._showing(step):
            for name, value in numbers.items():
                tf.summary.scalar(name, np.float32(value))

    def write_image(self, step: int, name: str, image: np.ndarray) -> None:
        """Shows a uint8 (height, width, 3) image in TensorBoard."""
        with self._showing(step):
            tf.summary.image(name, image[np.newaxis])

    def close(self) -> None:
        """Writes out what TensorBoard's writer still holds."""
        with _explain_errors(self._events):
            self._writer.close()

    @contextlib.contextmanager
    def _showing(self, step: int) -> Iterator[None]:
        """What is summarized within the block goes to TensorBoard at once.

        TensorFlow keeps a tensor of every Python number it is ever given,
        1 KB each and for ever, but none of NumPy's. So the step is int64, and
        values are to be float32: NumPy's float64 is a Python float, too.
        """
        with _explain_errors(self._events):
            with self._writer.as_default(np.int64(step)):
                yield
            self._writer.flush()

    def _tell_start(self, step: int) -> None:
        """Makes TensorBoard drop what lies beyond the restored step.

        A session that starts at step k takes the place of all events from
        step k on. `tf.summary` cannot say that, its writer can. TensorBoard's
        fast loader (0.7) does not listen, and drops them tag by tag when the
        repeated steps come.
        """
        event = tf.compat.v1.Event(
            wall_time=time.time(),
            step=step + 1 if step else 0,  # at 0, first fakes are drawn again
            session_log=tf.compat.v1.SessionLog(
                status=tf.compat.v1.SessionLog.START
            ),
        )
        tf.raw_ops.ImportEvent(
            writer=self._writer._resource, event=event.SerializeToString()
        )
        self._writer.flush()


def _explain_errors(path: Path) -> contextlib.AbstractContextManager:
    return explain_disk_errors(path, "The checkpoints are there.")


def keep_rows_until(path: Path, step: int) -> None:
    """Cuts rows beyond a step, and a half-written last one, off a file."""
    if path.exists():
        kept = [line for found, line in read_rows(path) if found <= step]
        write_text(path, "".join(kept))


def read_rows(path: Path) -> list[tuple[int, str]]:
    """The step and the line of each whole row of a file, if it is there."""
    if not path.exists():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows.append((json.loads(line)[STEP], f"{line}\n"))
        except ValueError:
            continue
    return rows


def put_before_now(folder: Path) -> None:
    """Renames event files that would sort after a new one.

    TensorBoard reads them in the order of their names, which begin with the
    second in which each was made: a clock that was set back would tell the
    story of a resumed run from its end.
    """
    now = int(time.time())
    files = sorted(folder.glob(f"{EVENTS}.*"))
    late = [file for file in files if int(file.name.split(".")[3]) >= now]
    for index, file in enumerate(late):
        rest = file.name.removeprefix(f"{EVENTS}.").split(".", 1)[1]
        file.rename(folder / f"{EVENTS}.{now - 1}.{index:06d}.{rest}")
