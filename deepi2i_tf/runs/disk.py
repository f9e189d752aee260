"""Files of a run, each whole or absent; a full disk is told in a sentence."""

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tensorflow as tf

from deepi2i_tf.utils import atomic_files
from deepi2i_tf.utils.errors import UserError

FULL_DISK_ERRNOS = (errno.ENOSPC, errno.EDQUOT)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error of Python or TensorFlow means "no space left"."""
    if isinstance(error, OSError):
        return error.errno in FULL_DISK_ERRNOS
    if isinstance(error, tf.errors.OpError):
        text = str(error).lower()
        return "no space left" in text or "quota exceeded" in text
    return False


@contextlib.contextmanager
def refusing_bad_disk(path: str | os.PathLike, kept: str) -> Iterator[None]:
    """Turns a full or unwritable disk within the block into a `UserError`.

    Args:
        path: what is being written.
        kept: a sentence on what is still there.

    Yields:
        Nothing.
    """
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        if is_disk_full(error):
            raise UserError(
                f"Expected room on the disk to write {path}. Received: no "
                f"space left on the device. {kept} Free some space and run "
                "the same command again."
            ) from error
        if isinstance(error, OSError):
            raise UserError(
                f"Expected to be able to write {path}. Received: "
                f"{error.strerror or error}. {kept} Change its permissions, "
                "or choose another --run_dir."
            ) from error
        raise


def write_text(path: Path, text: str) -> None:
    """Writes a text file, whole or not at all; its folder must be there."""
    with atomic_files.atomic_file(path) as beside:
        beside.write_text(text, encoding="utf-8")


def append_line(path: Path, line: str) -> None:
    """Adds a line to a text file, all of it or, on a full disk, nothing."""
    before = path.stat().st_size if path.exists() else 0
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    except OSError:
        with contextlib.suppress(OSError):
            os.truncate(path, before)
        raise


@contextlib.contextmanager
def atomic_directory(final: Path, kept: str) -> Iterator[Path]:
    """Makes a folder, whole or not at all.

    Args:
        final: its path; a folder that stands there goes once the new one is
            whole.
        kept: a sentence on what is still there if the disk fails.

    Yields:
        An empty folder beside it, to be filled.

    Raises:
        UserError: the disk is full or not writable.
    """
    with (
        refusing_bad_disk(final, kept),
        atomic_files.atomic_directory(final) as beside,
    ):
        yield beside


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Writes a dictionary as indented JSON, whole or not at all."""
    write_text(path, json.dumps(values, indent=2) + "\n")


def read_json(path: Path) -> dict[str, Any] | None:
    """The dictionary of a JSON file, or None where there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
