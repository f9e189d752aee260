"""Checkpoints that are whole or absent, with the sum of every byte.

A checkpoint is written into `.tmp-step-00000500-.../`, flushed to the disk and
renamed to `step-00000500/`: whatever ends the process, a folder of the final
name is complete. `checkpoint.json` in it holds the sha256 of each file, so a
disk's later damage is seen and the checkpoint before is taken instead.
"""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import tensorflow as tf

from deepi2i_tf.runs import disk
from deepi2i_tf.runs.rotation import steps_to_keep
from deepi2i_tf.utils import atomic_files
from deepi2i_tf.utils.errors import UserError

META_FILE = "checkpoint.json"
PREFIX = "ckpt"
DAMAGED = "damaged-"
_NAME = re.compile(r"^step-(\d{8,})$")


def list_checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """Complete checkpoints of a folder, as (step, path), oldest first."""
    if not folder.is_dir():
        return []
    found = [(_NAME.match(path.name), path) for path in folder.iterdir()]
    return sorted((int(match[1]), path) for match, path in found if match)


def read_meta(path: Path) -> tuple[dict[str, Any] | None, str]:
    """Reads `checkpoint.json` and compares every file with its sum.

    Args:
        path: a checkpoint's folder.

    Returns:
        The stored values and "", or None and what is wrong with it.
    """
    try:
        meta = disk.read_json(path / META_FILE)
    except (OSError, ValueError):
        return None, f"{META_FILE} cannot be read"
    if not isinstance(meta, dict) or "files" not in meta:
        return None, f"{META_FILE} is missing or says nothing"
    for name, expected in meta["files"].items():
        file = path / name
        if not file.is_file():
            return None, f"{name} is missing"
        if disk.sha256_of_file(file) != expected:
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
        status = tf.train.Checkpoint(**items).read(str(path / PREFIX))
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
        """Writes one checkpoint; `remove_old` makes room afterwards.

        Args:
            step: finished steps.
            values: plain values that go into `checkpoint.json` too.

        Returns:
            The folder of the new checkpoint.

        Raises:
            UserError: the disk is full or not writable; earlier checkpoints
                are untouched.
        """
        final = self._folder / f"step-{step:08d}"
        with disk.atomic_directory(final, self._kept_sentence()) as beside:
            self._write(beside, step, values)
        return final

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
            with disk.refusing_bad_disk(path, "The newer ones are there."):
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
        tf.train.Checkpoint(**self._items).write(str(beside / PREFIX))
        files = sorted(path for path in beside.rglob("*") if path.is_file())
        for path in files:
            atomic_files.flush(path)
        sums = {path.name: disk.sha256_of_file(path) for path in files}
        disk.write_json(
            beside / META_FILE, {"step": step, **values, "files": sums}
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


def _peek(path: Path) -> dict[str, Any]:
    """`checkpoint.json` as it is; nothing where it cannot be read."""
    try:
        return disk.read_json(path / META_FILE) or {}
    except (OSError, ValueError):
        return {}


def _first_sentence(error: BaseException) -> str:
    """The first line of TensorFlow's complaint, at most 160 characters."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:160].rstrip(".")
