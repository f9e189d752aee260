"""The folder of unfinished work: locked, and kept when interrupted.

`<data_dir>/.preparing-<dataset>-<config>/` holds a lock, what the work is for
(`for.json`), `work/`, where parts gather, and `tfds/`, where TFDS writes. What
is there from an earlier attempt at the same work is used; anything else is
removed.
"""

import contextlib
import json
import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from deepi2i_tf.utils.atomic_files import write_text
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.locks import take_lock

_PURPOSE = "for.json"


@contextlib.contextmanager
def staging(
    folder: pathlib.Path, purpose: Mapping[str, Any]
) -> Iterator[tuple[pathlib.Path, pathlib.Path]]:
    """Gives the folder's `work/` and an empty `tfds/`.

    The folder is removed at the end, and on every error; only Ctrl-C, or
    the death of the process, leaves it, to go on from there.

    Args:
        folder: `<data_dir>/.preparing-<dataset>-<config>`.
        purpose: what earlier work must have been for to be used again.

    Yields:
        The two folders.

    Raises:
        UserError: another process is at work there.
    """
    usual = tempfile.tempdir
    with _locked(folder):
        try:
            work, scratch = _open(folder, json.dumps(purpose, sort_keys=True))
            # TFDS leaves an empty temporary folder behind at every start.
            tempfile.tempdir = str(scratch)
            yield work, scratch
        except KeyboardInterrupt:
            print(f"The same command goes on from what is done, in {folder}")
            raise
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            tempfile.tempdir = usual


@contextlib.contextmanager
def _locked(folder: pathlib.Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    lock = take_lock(folder / ".lock")
    if lock is None:
        raise UserError(
            f"Expected to be alone in {folder}. Received: another "
            "process is preparing this data set. Wait for it to end."
        )
    try:
        yield
    finally:
        os.close(lock)


def _open(
    folder: pathlib.Path, purpose: str
) -> tuple[pathlib.Path, pathlib.Path]:
    work, scratch, note = folder / "work", folder / "tfds", folder / _PURPOSE
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    found = note.read_text(encoding="utf-8") if note.is_file() else ""
    if found != purpose:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        write_text(note, purpose)
    return work, scratch
