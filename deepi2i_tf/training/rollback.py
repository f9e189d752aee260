"""Going back from a collapse to a checkpoint that was healthy, and on anew.

PaLM's trainings went back about a hundred steps and passed over a few hundred
batches (arXiv 2204.02311, section 5.1). So here: back to the newest *vouched*
checkpoint, and on with images and noise that were not seen yet; the second and
third time with all learning rates halved, too.

One integer makes everything after it new and keeps it a function of the state:
`skipped` grows by the steps that are lost, and draws and data positions follow
from (seed, step + skipped). All that decides is in `checkpoint.json`, and the
change of one such file, whole or not at all, is the rollback. Whatever is
killed before it meets the same collapse again, and decides the same.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deepi2i_tf.config import MonitorConfig
from deepi2i_tf.runs import layout
from deepi2i_tf.runs.checkpoints import list_checkpoints
from deepi2i_tf.runs.metrics_log import read_rows
from deepi2i_tf.utils import atomic_files

# A collapse this soon after a return says that the return was too short.
SOON = 1000


class CollapseAlarm(Exception):
    """A collapse that a run is to go back from.

    Args:
        step: the finished step after which it was seen.
        sentence: what was seen.
    """

    def __init__(self, step: int, sentence: str) -> None:
        super().__init__(sentence)
        self.step = step
        self.sentence = sentence


class Rollbacks:
    """Which checkpoints are vouched for, and what was decided so far.

    A checkpoint is vouched for when the run has had a quiet moment
    `rollback_margin` steps or more after it. Only those of every
    `checkpoint_every` steps count, which every course of a run has alike.

    Attributes:
        decisions: of each rollback `step`, `returned_to` and `reason`.
        skipped: steps whose images and noise were passed over.
    """

    def __init__(self, config: MonitorConfig) -> None:
        self._config = config
        self.restore(None)

    def restore(self, state: dict[str, Any] | None) -> None:
        """Goes on from what a checkpoint knew; None begins anew."""
        state = state or {}
        self._candidates: list[int] = list(state.get("candidates", []))
        self._vouched: list[int] = list(state.get("vouched", []))
        self.decisions: list[dict] = list(state.get("decisions", []))
        self.skipped: int = state.get("skipped", 0)

    def state(self) -> dict[str, Any]:
        """All that it knows, as plain values; the inverse of `restore`."""
        return {
            "candidates": list(self._candidates),
            "vouched": list(self._vouched),
            "decisions": list(self.decisions),
            "skipped": self.skipped,
        }

    @property
    def kept_steps(self) -> list[int]:
        """Checkpoints that have to stay: vouched for, or soon to be."""
        return [*self._vouched, *self._candidates]

    @property
    def rate_factor(self) -> float:
        """What all learning rates are multiplied by."""
        return 0.5 ** max(0, len(self.decisions) - 1)

    def adopt(self, steps: Iterable[int]) -> None:
        """Takes over the checkpoints of a run that could not go back before."""
        self._candidates = sorted(steps)

    def saved(self, step: int, quiet_step: int) -> None:
        """A checkpoint of `checkpoint_every` is being written."""
        self._candidates.append(step)
        self._vouch(step, quiet_step)

    def target(self, step: int, quiet_step: int) -> int | None:
        """The checkpoint to return to after a collapse; None where none is."""
        self._vouch(step, quiet_step)
        choices = self._vouched
        if self.decisions:
            returned = self.decisions[-1]["returned_to"]
            if step - returned <= SOON:
                before = [each for each in choices if each < returned]
                choices = before or choices[:1]
        return choices[-1] if choices else None

    def decide(self, step: int, returned_to: int, reason: str) -> None:
        """Goes back: everything after `returned_to` is forgotten."""
        decision = {"step": step, "returned_to": returned_to, "reason": reason}
        self.decisions.append(decision)
        self.skipped += step - returned_to
        self._candidates = []
        self._vouched = [v for v in self._vouched if v <= returned_to]

    def _vouch(self, step: int, quiet_step: int) -> None:
        margin = self._config.rollback_margin
        ready = [c for c in self._candidates if c <= quiet_step - margin]
        if ready:
            kept = [*self._vouched, ready[-1]]
            self._vouched = kept[-self._config.max_rollbacks :]
        waiting = [c for c in self._candidates if c not in ready]
        # Of those old enough for the next quiet moment the newest suffices.
        old = [c for c in waiting if c <= step - margin]
        self._candidates = old[-1:] + waiting[len(old) :]


def abandon(run: Path, step: int, number: int) -> Path:
    """Moves everything of a run that is newer than a step to `abandoned/N/`.

    The newest checkpoint goes first, so that what is left is always the
    beginning of the same course. What stands there, of a rollback that was
    killed, is replaced.
    """
    aside = run / layout.ABANDONED_FOLDER / str(number)
    checkpoints = aside / layout.CHECKPOINTS_FOLDER
    samples = aside / layout.SAMPLES_FOLDER
    for folder in (checkpoints, samples):
        folder.mkdir(parents=True, exist_ok=True)
    found = list_checkpoints(run / layout.CHECKPOINTS_FOLDER)
    for _, path in reversed([pair for pair in found if pair[0] > step]):
        _move_folder(path, checkpoints / path.name)
    rows = [
        line
        for row_step, line in read_rows(run / layout.METRICS_LOG)
        if row_step > step
    ]
    atomic_files.write_text(aside / layout.METRICS_LOG, "".join(rows))
    for path in sorted((run / layout.SAMPLES_FOLDER).glob("*")):
        if (layout.sheet_step(path.name) or 0) > step:
            os.replace(path, samples / path.name)
    return aside


def replace_values(run: Path, step: int, values: dict[str, Any]) -> None:
    """Replaces values of a checkpoint's `checkpoint.json`, all at once."""
    folder = run / layout.CHECKPOINTS_FOLDER / layout.checkpoint_name(step)
    path = folder / layout.CHECKPOINT_FILE
    stored = atomic_files.read_json(path)
    atomic_files.write_json(path, {**stored, **values})


def _move_folder(path: Path, target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    os.rename(path, target)
