"""Reads single pictures of a BigGAN HDF5, in any order.

A preparation asks for rows in the order of their hashes. An uncompressed file
gives a row for the price of a row; of a compressed one HDF5 must unpack the
whole chunk each time, 500 pictures for one. So such a file is unpacked once,
chunk by chunk, into a plain `.npy` file of rows in the preparation's folder.
"""

import functools
import io
import os
import pathlib
import shutil
import weakref
from collections.abc import Callable
from typing import BinaryIO

import h5py
import numpy as np

from data_prep.biggan_hdf5.hdf5_file import open_file, reason
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.progress import progress_bar

UNPACKED = "rows.npy"


def unpack_if_compressed(path: pathlib.Path, work_dir: pathlib.Path) -> None:
    """Writes `rows.npy` for a compressed file, beside its place and renamed.

    What an interrupted run wrote is gone on from.

    Args:
        path: of the HDF5 file.
        work_dir: folder of `rows.npy`, of this preparation alone.

    Raises:
        UserError: too little room, or a chunk is damaged.
    """
    goal = work_dir / UNPACKED
    if goal.exists():
        return
    with open_file(path) as file:
        images = file["imgs"]
        if not _is_compressed(images):
            return
        beside = goal.with_name(goal.name + ".part")
        with open(beside, "ab") as rows:
            _append_rows(path, images, rows)
            rows.flush()
            os.fsync(rows.fileno())
        beside.rename(goal)


def _is_compressed(images: h5py.Dataset) -> bool:
    filters = images.id.get_create_plist().get_nfilters()
    return filters > 0 and images.chunks[0] > 1


def _append_rows(
    path: pathlib.Path, images: h5py.Dataset, rows: BinaryIO
) -> None:
    """Writes the rows that a `.npy` file, cut off anywhere, lacks."""
    header = io.BytesIO()
    form = {"descr": "|u1", "fortran_order": False, "shape": images.shape}
    np.lib.format.write_array_header_1_0(header, form)
    count, step = len(images), images.chunks[0]
    buffer = np.empty((step, *images.shape[1:]), np.uint8)
    start = header.tell()
    # All chunks that are there whole.
    done = max(0, rows.tell() - start) // buffer.nbytes * step
    _check_room(rows.name, (count - done) * buffer[0].nbytes)
    rows.truncate(start + done * buffer[0].nbytes if done else 0)
    if not done:
        rows.write(header.getvalue())
    with progress_bar("rows unpacked", count, done) as bar:
        for first in range(done, count, step):
            some = buffer[: count - first]
            _read_chunk(path, images, first, some)
            rows.write(some)
            bar.update(len(some))


def _check_room(name: str, needed: int) -> None:
    folder = os.path.dirname(name)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise UserError(
            f"Expected {needed / 1e6:.1f} MB of room in {folder}, to unpack a "
            f"compressed HDF5. Received: {free / 1e6:.1f} MB. Make room, or "
            "give another --data_dir."
        )


def _read_chunk(
    path: pathlib.Path, images: h5py.Dataset, first: int, some: np.ndarray
) -> None:
    end = first + len(some)
    try:
        images.read_direct(some, np.s_[first:end])
    except (OSError, RuntimeError) as error:
        raise UserError(
            f"Expected to read rows {first} to {end - 1} of imgs in {path}. "
            f"Received: {reason(error)}. Copy it again, or make it again with "
            "make_hdf5.py."
        ) from None


def read_row(path: pathlib.Path, work_dir: str, row: int) -> np.ndarray:
    """Returns a picture; may be called in threads and in other processes.

    Args:
        path: of the HDF5 file.
        work_dir: as given to `unpack_if_compressed`; `""` where it was not.
        row: number of the picture.

    Returns:
        uint8 (R, R, 3), RGB.

    Raises:
        UserError: this row is damaged; the reason, a few words.
    """
    unpacked = pathlib.Path(work_dir) / UNPACKED
    source = unpacked if work_dir and unpacked.exists() else path
    try:
        status = source.stat()
        # A handle must not be shared with a process that this one started.
        read = _reader(source, os.getpid(), status.st_mtime_ns)
        return read(row).transpose(1, 2, 0)
    except (OSError, RuntimeError) as error:
        raise UserError(f"cannot be read: {reason(error)}") from None


@functools.lru_cache(maxsize=1)
def _reader(
    path: pathlib.Path, process: int, changed: int
) -> Callable[[int], np.ndarray]:
    del process, changed
    if path.name == UNPACKED:
        return _UnpackedRows(path).read
    return open_file(path)["imgs"].__getitem__


class _UnpackedRows:
    """Reads at an offset, which leaves nothing mapped and takes no lock."""

    def __init__(self, path: pathlib.Path):
        with open(path, "rb") as file:
            np.lib.format.read_magic(file)
            shape, _, _ = np.lib.format.read_array_header_1_0(file)
            self._start = file.tell()
        self._shape = shape[1:]
        self._bytes = int(np.prod(self._shape))
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def read(self, row: int) -> np.ndarray:
        place = self._start + row * self._bytes
        content = os.pread(self._file, self._bytes, place)
        if len(content) < self._bytes:
            raise OSError(f"{UNPACKED} is too short")
        return np.frombuffer(content, np.uint8).reshape(self._shape)
