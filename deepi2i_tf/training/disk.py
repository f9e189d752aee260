"""Writing files so that each is whole or absent, and a full disk is told.

A killed process must not leave half a file under a final name, so every file
is written beside its place, flushed to the disk and renamed.
"""

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tensorflow as tf

from deepi2i_tf.errors import Refusal

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
    """Turns a full or unwritable disk within the block into a `Refusal`.

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
            raise Refusal(
                f"Expected room on the disk to write {path}. Received: no "
                f"space left on the device. {kept} Free some space and run "
                "the same command again."
            ) from error
        if isinstance(error, OSError):
            raise Refusal(
                f"Expected to be able to write {path}. Received: "
                f"{error.strerror or error}. {kept} Change its permissions, "
                "or choose another --run_dir."
            ) from error
        raise


def flush(path: str | os.PathLike) -> None:
    """Forces a file, or a folder's list of names, out to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Writes a text file beside its place and renames it."""
    beside = path.with_name(f".tmp-{path.name}")
    try:
        beside.write_text(text, encoding="utf-8")
        flush(beside)
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)  # A full disk needs the room.
        raise
    flush(path.parent)


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
def whole_folder(final: Path, kept: str) -> Iterator[Path]:
    """Makes a folder, whole or not at all.

    Args:
        final: its path; a folder that stands there goes once the new one is
            whole.
        kept: a sentence on what is still there if the disk fails.

    Yields:
        An empty folder beside it, to be filled.

    Raises:
        Refusal: the disk is full or not writable.
    """
    beside = final.with_name(f".tmp-{final.name}-{os.getpid()}")
    old = final.with_name(f".tmp-old-{final.name}-{os.getpid()}")
    try:
        with refusing_bad_disk(final, kept):
            beside.mkdir(parents=True)
            yield beside
            if final.is_dir():
                os.replace(final, old)
            os.replace(beside, final)
            flush(final.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


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
