"""Checkpoints that are whole or absent, with the sum of every byte.

A checkpoint is written into `.tmp-step-00000500-.../`, flushed to the disk and
renamed to `step-00000500/`: whatever ends the process, a folder of the final
name is complete. `checkpoint.json` in it holds the sha256 of each file, so a
disk's later damage is seen and the checkpoint before is taken instead.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from deepi2i_tf.runs.layout import (
    CHECKPOINT_FILE,
    CHECKPOINT_PREFIX,
    DAMAGED,
    checkpoint_name,
    checkpoint_step,
)
from deepi2i_tf.utils import atomic_files
from deepi2i_tf.utils.errors import UserError

# Values of `checkpoint.json` that say which checkpoints stay.
SCHEDULED = "scheduled"
BEST = "best"
VOUCHED = "vouched"


def list_checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """Complete checkpoints of a folder, as (step, path), oldest first."""
    if not folder.is_dir():
        return []
    found = [(checkpoint_step(path.name), path) for path in folder.iterdir()]
    return sorted(pair for pair in found if pair[0] is not None)


def read_meta(path: Path) -> tuple[dict[str, Any] | None, str]:
    """Reads `checkpoint.json` and compares every file with its sum.

    Returns:
        The stored values and "", or None and what is wrong with it.
    """
    try:
        meta = atomic_files.read_json(path / CHECKPOINT_FILE)
    except (OSError, ValueError):
        return None, f"{CHECKPOINT_FILE} cannot be read"
    if not isinstance(meta, dict) or "files" not in meta:
        return None, f"{CHECKPOINT_FILE} is missing or says nothing"
    for name, expected in meta["files"].items():
        file = path / name
        if not file.is_file():
            return None, f"{name} is missing"
        if atomic_files.sha256_of_file(file) != expected:
            return None, f"{name} does not have the sha256 it was written with"
    return meta, ""


def read_items(path: Path, items: dict[str, Any], whole: bool = True) -> None:
    """Reads the weights and counters of one checkpoint.

    Args:
        path: a checkpoint's folder.
        items: variables, and dictionaries of them, by name.
        whole: also demand that nothing in the checkpoint is left over.

    Raises:
        UserError: the checkpoint is of another architecture.
    """
    try:
        status = tf.train.Checkpoint(**items).read(
            str(path / CHECKPOINT_PREFIX)
        )
        status.assert_existing_objects_matched()
        if whole:
            status.assert_consumed()
        else:
            status.expect_partial()
    except (AssertionError, ValueError, tf.errors.InvalidArgumentError) as e:
        raise UserError(
            f"Expected {path} to fit the networks of this configuration. "
            "Received: a checkpoint of another architecture "
            f"({_first_sentence(e)}). Give the resolution, ch, classes, "
            "adaptor and attention it was trained with."
        ) from e


class Checkpoints:
    """Writes, keeps and restores the checkpoints of one run.

    Args:
        folder: `<run_dir>/checkpoints`; made at the first save.
        items: variables, and dictionaries of them, by name: all that moves.
            No Keras objects: TensorFlow does not look into the lists in which
            they keep layers, and would leave weights out without a word.
        keep: how many of the newest stay; see `steps_to_keep`.
    """

    def __init__(self, folder: Path, items: dict[str, Any], keep: int) -> None:
        self._folder = folder
        self._items = items
        self._keep = keep

    def save(self, step: int, values: dict[str, Any]) -> Path:
        """Writes one checkpoint; `remove_old` makes room afterwards."""
        final = self._folder / checkpoint_name(step)
        with (
            atomic_files.explain_disk_errors(final, self._kept_sentence()),
            atomic_files.atomic_directory(final) as beside,
        ):
            self._write(beside, step, values)
        return final

    def steps(self) -> list[int]:
        """The steps of all that is stored, oldest first."""
        return [step for step, _ in list_checkpoints(self._folder)]

    def remove_old(self) -> None:
        """Removes the checkpoints that need not stay.

        Each is renamed first: a killed removal leaves no half checkpoint.

        Raises:
            UserError: the folder is not writable.
        """
        found = dict(list_checkpoints(self._folder))
        metas = {step: _peek(path) for step, path in found.items()}
        kept = steps_to_keep(metas, self._keep)
        for path in [found[step] for step in sorted(found.keys() - kept)]:
            aside = path.with_name(atomic_files.REMOVED + path.name)
            with atomic_files.explain_disk_errors(
                path, "The newer ones are there."
            ):
                os.rename(path, aside)
            shutil.rmtree(aside, ignore_errors=True)

    def restore_newest(self) -> tuple[dict[str, Any] | None, list[str]]:
        """Restores the newest checkpoint that is undamaged.

        Returns:
            Its `checkpoint.json`, or None where the run has none yet, and a
            sentence for each damaged one that was passed over.

        Raises:
            UserError: none is undamaged, or it is of another architecture.
        """
        found = list_checkpoints(self._folder)
        sentences, damaged = [], []
        for _, path in reversed(found):
            meta, fault = read_meta(path)
            if meta is not None:
                read_items(path, self._items)
                self._set_aside(damaged)
                return meta, sentences
            damaged.append(path)
            sentences.append(
                f"Checkpoint {path} is damaged ({fault}); falling back to "
                "the one before."
            )
        if found:
            raise UserError(
                f"Expected an undamaged checkpoint in {self._folder}. "
                f"Received: {len(found)}, all damaged; the last: {fault}. "
                "Restore them from a copy, or begin with another --run_dir."
            )
        return None, sentences

    def remove_unfinished(self) -> None:
        """Removes what killed writers and removals left behind."""
        atomic_files.remove_unfinished(self._folder)

    def _write(self, beside: Path, step: int, values: dict[str, Any]) -> None:
        tf.train.Checkpoint(**self._items).write(
            str(beside / CHECKPOINT_PREFIX)
        )
        files = sorted(path for path in beside.rglob("*") if path.is_file())
        for path in files:
            atomic_files.flush(path)
        sums = {path.name: atomic_files.sha256_of_file(path) for path in files}
        atomic_files.write_json(
            beside / CHECKPOINT_FILE, {"step": step, **values, "files": sums}
        )

    def _set_aside(self, damaged: list[Path]) -> None:
        """Renames damaged checkpoints: they hold no place, nothing is lost."""
        for path in damaged:
            aside = path.with_name(DAMAGED + path.name)
            shutil.rmtree(aside, ignore_errors=True)
            os.rename(path, aside)

    def _kept_sentence(self) -> str:
        found = list_checkpoints(self._folder)
        if not found:
            return "There is no earlier checkpoint."
        return f"The checkpoint of step {found[-1][0]} is untouched."


def steps_to_keep(
    metas: Mapping[int, Mapping[str, Any]], keep: int
) -> set[int]:
    """Chooses the newest checkpoints, and those that they call the best.

    Decided by what the checkpoints say of themselves and nothing else: a run
    that was stopped or killed and went on keeps those that an undisturbed one
    keeps.

    A checkpoint between two scheduled ones, which a signal or a new best had
    written, stays while it is the newest or the best; it takes no other's
    place. A best that was overtaken stays as long as an older checkpoint
    names it: a run that has to fall back to that one finds its best there.
    The same holds of those that a rollback may return to, and of their bests.

    Args:
        metas: the `checkpoint.json` of each checkpoint, by step. `SCHEDULED`
            says whether it was due anyway, true where it is missing; `BEST`
            is the record of `BestCheckpoint`, or None. `VOUCHED` are the
            steps that a rollback may return to.
        keep: how many of the newest scheduled ones stay.
    """
    steps = sorted(metas)
    scheduled = [step for step in steps if metas[step].get(SCHEDULED, True)]
    kept = {*scheduled[-keep:], *steps[-1:]}
    for step in tuple(kept):
        kept.update(metas[step].get(VOUCHED, ()))
    kept.intersection_update(steps)
    bests = [metas[step].get(BEST) for step in kept]
    kept.update(best["step"] for best in bests if best)
    return kept.intersection(steps)


def _peek(path: Path) -> dict[str, Any]:
    """`checkpoint.json` as it is; nothing where it cannot be read."""
    try:
        return atomic_files.read_json(path / CHECKPOINT_FILE) or {}
    except (OSError, ValueError):
        return {}


def _first_sentence(error: BaseException) -> str:
    """The first line of TensorFlow's complaint, at most 160 characters."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:160].rstrip(".")
