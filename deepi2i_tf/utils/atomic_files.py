"""Files and folders that are whole or not there, whatever ends the process.

Each is made beside its place, under a hidden name that nobody else takes, and
renamed when it is done.
"""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import shortened

UNFINISHED = ".tmp-"
REMOVED = f"{UNFINISHED}old-"
_SPELLED_OUT = "backslashreplace"


@contextlib.contextmanager
def explain_disk_errors(
    path: str | os.PathLike,
    kept: str,
    remedy: str = "choose another --run_dir",
) -> Iterator[None]:
    """Turns a full or unwritable disk within the block into a `UserError`.

    Args:
        path: what is being written.
        kept: a sentence on what is still there.
        remedy: what else can be done where the disk is not to be written to.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if _is_disk_full(error):
            raise UserError(
                f"Expected room on the disk to write {path}. Received: no "
                f"space left on the device. {kept} Free some space and run "
                "the same command again."
            ) from error
        if isinstance(error, OSError):
            raise UserError(
                f"Expected to be able to write {path}. Received: "
                f"{error.strerror or error}. {kept} Change its permissions, "
                f"or {remedy}."
            ) from error
        raise


def _is_disk_full(error: Exception) -> bool:
    """Whether an error of Python, or by its text of TensorFlow, is that."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    text = str(error).lower()
    return "no space left" in text or "quota exceeded" in text


def flush(path: str | os.PathLike) -> None:
    """Forces a file, or a folder's list of names, out to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network disks know no flushing of a folder.
        if error.errno != errno.EINVAL or not os.path.isdir(path):
            raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def atomic_file(path: str | os.PathLike) -> Iterator[Path]:
    """Makes a file, or leaves the one that stands there as it is.

    Args:
        path: where it appears; its folder exists.

    Yields:
        Where to write it.
    """
    path = Path(path)
    beside = _beside(path, UNFINISHED)
    try:
        yield beside
        flush(beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)  # A full disk needs the room.
    flush(path.parent)


def atomic_write(path: str | os.PathLike, content: bytes) -> None:
    """Writes a file, and makes the folders that it needs."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as beside:
        beside.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Writes a text file, whole or not at all; its folder exists.

    What is no UTF-8, as names of files may be, is spelled out.
    """
    with atomic_file(path) as beside:
        beside.write_bytes(text.encode("utf-8", _SPELLED_OUT))


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Writes indented JSON, whole or not at all; its folder exists."""
    write_text(path, json.dumps(values, indent=2) + "\n")


def append_line(path: Path, line: str) -> None:
    """Adds a line to a text file, all of it or, on a full disk, nothing."""
    before = path.stat().st_size if path.exists() else 0
    try:
        with open(path, "a", encoding="utf-8", errors=_SPELLED_OUT) as file:
            file.write(f"{line}\n")
    except OSError:
        with contextlib.suppress(OSError):
            os.truncate(path, before)
        raise


def read_json(path: Path) -> dict[str, Any] | None:
    """The dictionary of a JSON file, or None where there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None


def sha256_of_file(path: str | os.PathLike) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def atomic_directory(
    path: str | os.PathLike, replace: bool = True
) -> Iterator[Path]:
    """Makes a folder, or leaves the one that stands there as it is.

    Args:
        path: where it appears; the folders above it are made.
        replace: a folder that stands there goes once the new one is whole;
            else it stays, and the new one goes.

    Yields:
        An empty folder, to be filled.
    """
    path = Path(path)
    beside = _beside(path, UNFINISHED)
    try:
        beside.mkdir(parents=True)
        yield beside
        if replace or not path.is_dir():
            _put(beside, path)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    flush(path.parent)


def remove_unfinished(folder: Path) -> None:
    """Removes what killed writers and removals left in a folder.

    Args:
        folder: nobody else writes there; may be missing.
    """
    for path in folder.glob(f"{UNFINISHED}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def _put(beside: Path, path: Path) -> None:
    if not path.is_dir():
        os.replace(beside, path)
        return
    old = _beside(path, REMOVED)
    os.replace(path, old)
    try:
        os.replace(beside, path)
    except BaseException:
        os.replace(old, path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _beside(path: Path, prefix: str) -> Path:
    # Not the process' number: another machine's may be the same.
    # Cut, as a name that just fits its file system would be too long.
    name = shortened(path.name, 200)
    return path.with_name(f"{prefix}{name}-{uuid.uuid4().hex[:8]}")
