"""Console and log file of a run: sentences, and one progress line.

On a terminal the progress line is rewritten in place; in a file or a pipe,
and in `log.txt` always, each is a line of its own.
"""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from deepi2i_tf.utils.atomic_files import append_line, explain_disk_errors
from deepi2i_tf.utils.formatting import format_duration


class RunLog:
    """Writes lines to a stream and to the run's `log.txt`.

    Args:
        path: the log file; lines are added to it. None keeps none.
        stream: where a person reads; standard output by default.
        speaker: stands before every line.
    """

    def __init__(
        self,
        path: Path | None,
        stream: TextIO | None = None,
        speaker: str = "",
    ) -> None:
        self._path = path
        self._speaker = speaker
        self._stream = stream or sys.stdout
        self._line_is_open = False

    def say(self, text: str) -> None:
        """Writes lines that stay."""
        if self._line_is_open:
            self._stream.write("\n")
            self._line_is_open = False
        self._stream.write(f"{self._speaker}{text}\n")
        self._stream.flush()
        self._keep(text)

    def progress(self, text: str) -> None:
        """Writes the progress line, over the one before on a terminal."""
        if self._stream.isatty():
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r{text[:width]}\033[K")
            self._line_is_open = True
        else:
            self._stream.write(text + "\n")
        self._stream.flush()
        self._keep(text)

    def _keep(self, text: str) -> None:
        if self._path is None:
            return
        with explain_disk_errors(self._path, "The checkpoints are there."):
            append_line(self._path, text)


def progress_text(
    step: int,
    steps: int,
    steps_per_second: float,
    images_per_step: int,
    losses: Mapping[str, float],
    state: str = "",
) -> str:
    """Step, pace, time left, what is wrong and losses in one line."""
    pace = max(steps_per_second, 1e-9)
    terms = "  ".join(f"{name} {value:.3f}" for name, value in losses.items())
    terms = f"{state.upper()}  {terms}" if state else terms
    return (
        f"step {step}/{steps}  {pace:.2f} steps/s  "
        f"{pace * images_per_step:.0f} images/s  "
        f"{format_duration((steps - step) / pace)} left  {terms}"
    )
