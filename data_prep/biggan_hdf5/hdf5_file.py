"""BigGAN-PyTorch's HDF5: finds the file, checks it, reads all but the pictures.

`make_hdf5.py` writes `imgs`, uint8 (N, 3, R, R), and `labels`, int64 (N,), in
chunks of 500 rows, ordered by class, compressed by LZF if it is told to.
"""

import dataclasses
import hashlib
import os
import pathlib

import h5py
import numpy as np

from data_prep.pictures.images import SMALLEST_SIDE
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.picture_files import is_system_entry

_ENDINGS = (".hdf5", ".h5")
_MAKE_AGAIN = "Copy it again, or make it again with make_hdf5.py"
# Pictures that tell one file from another of the same labels.
_NUM_SAMPLES = 8


@dataclasses.dataclass(frozen=True)
class FileContent:
    """All but the pictures of a file.

    Args:
        path: of the file.
        side: height and width of the pictures.
        labels: int64 (N,), as they stand there.
        sha256: of shape, labels and some of the pictures; the same for every
            copy of the file.
    """

    path: pathlib.Path
    side: int
    labels: np.ndarray
    sha256: str


def find_file(place: str) -> pathlib.Path:
    """Returns the file that is meant.

    Args:
        place: of the file, or of a folder that holds it and no other.

    Raises:
        UserError: there is none, or more than one.
    """
    path = pathlib.Path(place).expanduser().absolute()
    if path.is_file():
        return path
    if not path.is_dir():
        raise UserError(
            f"Expected --manual_dir={path} to be an HDF5 file or its folder. "
            f"Received: {'no regular file' if path.exists() else 'nothing'} "
            "there. Give the file that make_hdf5.py wrote."
        )
    found = sorted(
        entry
        for entry in path.iterdir()
        if entry.name.lower().endswith(_ENDINGS)
        and entry.is_file()
        and not is_system_entry(entry.name)
    )
    if len(found) != 1:
        message = ", ".join(entry.name for entry in found[:5]) or "none"
        raise UserError(
            f"Expected one file *.hdf5 or *.h5 in {path}. Received: {message}. "
            "Give the file itself as --manual_dir."
        )
    return found[0]


def open_file(path: pathlib.Path) -> h5py.File:
    """Opens a file for reading, without HDF5's cache.

    Without a cache a row of an uncompressed file is read alone, whatever the
    size of its chunk; with one, a chunk that fits is read whole for a row.

    Raises:
        UserError: it cannot be opened, or is damaged or something else.
    """
    try:
        if not h5py.is_hdf5(path):
            with open(path, "rb") as file:
                start = file.read(16)
            raise UserError(
                f"Expected {path} to be an HDF5 file. Received: "
                f"{f'one that begins with {start!r}' if start else 'no bytes'}."
                f" {_MAKE_AGAIN}."
            )
        return h5py.File(path, "r", rdcc_nbytes=0, locking="best-effort")
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: pathlib.Path, error: Exception) -> UserError:
    return UserError(
        f"Expected to read {path}. Received: {reason(error)}. {_MAKE_AGAIN}."
    )


def reason(error: Exception) -> str:
    """Returns the part of HDF5's message that says what happened."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    text = " ".join(str(error).split())
    return text.partition(" (")[2].removesuffix(")") or text


def read_content(path: pathlib.Path) -> FileContent:
    """Checks a file and reads its labels and a sample of its pictures.

    Raises:
        UserError: it is not such a file; says what it is.
    """
    with open_file(path) as file:
        try:
            images, labels = _datasets(path, file)
            content = labels[()].astype(np.int64)
            digest = hashlib.sha256(repr(images.shape).encode())
            digest.update(content.tobytes())
            spread = np.linspace(0, len(images) - 1, _NUM_SAMPLES, dtype=int)
            for row in spread if len(images) else ():
                digest.update(images[row].tobytes())
        # A damaged file, or a filter (compression) that is not installed.
        except (OSError, RuntimeError, KeyError) as error:
            raise _unreadable(path, error) from None
        return FileContent(path, images.shape[2], content, digest.hexdigest())


def _datasets(
    path: pathlib.Path, file: h5py.File
) -> tuple[h5py.Dataset, h5py.Dataset]:
    lacking = [
        name
        for name in ("imgs", "labels")
        if not isinstance(file.get(name), h5py.Dataset)
    ]
    if lacking:
        raise UserError(
            f"Expected {path} to hold data sets imgs and labels. Received: "
            f"{', '.join(list(file)[:8]) or 'nothing'}. Give the file that "
            "make_hdf5.py wrote."
        )
    images, labels = file["imgs"], file["labels"]
    shape = images.shape
    if not (
        images.dtype == np.uint8
        and len(shape) == 4
        and shape[1] == 3
        and shape[2] == shape[3] >= SMALLEST_SIDE
    ):
        raise UserError(
            f"Expected imgs in {path} to be uint8 (N, 3, R, R) with R of at "
            f"least {SMALLEST_SIDE}. Received: {images.dtype} {shape}. "
            "Convert it, or give the file that make_hdf5.py wrote."
        )
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise UserError(
            f"Expected labels in {path} to be whole numbers (N,). Received: "
            f"{labels.dtype} {labels.shape}. Convert them, or give the file "
            "that make_hdf5.py wrote."
        )
    if len(labels) != len(images):
        raise UserError(
            f"Expected a label for each of the {len(images)} pictures in "
            f"{path}. Received: {len(labels)} labels. {_MAKE_AGAIN}."
        )
    return images, labels
