"""Finished work of an evaluation, kept until its report is written.

The folder bears the key of everything that the results depend on. Work of
another key is removed: it would be of no use. A file that is there is whole,
since each is written beside its place and renamed.
"""

import os
import shutil
import zipfile
from typing import Any, Self

import numpy as np

from deepi2i_tf.utils.atomic_files import atomic_file, atomic_write
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.locks import take_lock

KEY_FILE = "key"
LOCK_FILE = "lock"
_UNREADABLE = (OSError, ValueError, EOFError, zipfile.BadZipFile)


class WorkFolder:
    """A folder of arrays by name, for one evaluation at a time.

    Use it in a `with` statement, which holds the folder's lock.

    Args:
        path: the folder; made where missing.
        key: names everything that the work depends on.

    Raises:
        UserError: another process works there, or it cannot be written.
    """

    def __init__(self, path: str, key: str) -> None:
        self.path = path
        self._key = key
        self._lock = -1

    def __enter__(self) -> Self:
        try:
            os.makedirs(self.path, exist_ok=True)
            self._take_lock()
            self._remove_other_work()
        except OSError as error:
            raise UserError(
                f"Expected {self.path} to be a folder to work in. Received: "
                f"{error.strerror}. Choose another --output."
            ) from error
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._lock)

    def file(self, name: str) -> str:
        """Path of a file in the folder."""
        return os.path.join(self.path, name)

    def load(self, name: str) -> dict[str, np.ndarray] | None:
        """Arrays that were saved under a name, or None."""
        try:
            with open(self.file(f"{name}.npz"), "rb") as file:
                with np.load(file) as arrays:
                    return dict(arrays)
        except _UNREADABLE:
            return None

    def save(self, name: str, arrays: dict[str, Any]) -> None:
        """Saves arrays or numbers under a name, whole or not at all."""
        with atomic_file(self.file(f"{name}.npz")) as beside:
            with open(beside, "wb") as file:
                np.savez(file, **arrays)

    def remove(self) -> None:
        """Removes the folder and everything in it."""
        shutil.rmtree(self.path)

    def _take_lock(self) -> None:
        lock = take_lock(self.file(LOCK_FILE))
        if lock is None:
            raise UserError(
                f"Expected {self.path} to be free. Received: a folder in "
                "which another evaluation works. Wait for it, or choose "
                "another --output."
            )
        self._lock = lock

    def _remove_other_work(self) -> None:
        path = self.file(KEY_FILE)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                if file.read() == self._key:
                    return
            print(f"evaluate: {self.path} held work of another evaluation")
        for entry in os.scandir(self.path):
            if entry.name != LOCK_FILE:
                os.remove(entry.path)
        atomic_write(path, self._key.encode())
