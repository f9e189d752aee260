"""Writes tensors as `torch.save` writes a state dict, without torch.

The pickle inside has one shape, so its opcodes are written down here;
Python's pickler would have to import the torch that they name.
"""

import os
import struct
import zipfile
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np

from deepi2i_tf.torch_files.reader import PICKLE
from deepi2i_tf.torch_files.unpickler import STORAGES

ROOT = "archive/"
# PyTorch's number of the zip format; memory maps want storages at multiples.
FORMAT_VERSION = b"3\n"
ALIGNMENT = 64
HEADER = 30  # bytes of a zip member's header, less its name
_STORAGE_OF = {dtype: name for name, dtype in STORAGES.items()}


def write_tensors(
    file: str | os.PathLike | BinaryIO, tensors: Mapping[str, np.ndarray]
) -> None:
    """Writes a state dict that `torch.load(weights_only=True)` reads.

    The same tensors, of dtypes that torch has too, give the same bytes.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_member(PICKLE), _pickled(tensors))
        archive.writestr(_member("byteorder"), b"little")
        for index, array in enumerate(tensors.values()):
            little = array.astype(array.dtype.newbyteorder("<"), copy=False)
            member = _member(f"data/{index}")
            begins = archive.fp.tell() + HEADER + len(member.filename)
            # An extra field of no meaning moves the numbers up.
            padding = -(begins + 4) % ALIGNMENT
            member.extra = struct.pack("<2sH", b"FB", padding) + bytes(padding)
            archive.writestr(member, little.tobytes())
        archive.writestr(_member("version"), FORMAT_VERSION)


def _member(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(ROOT + name)


def _pickled(tensors: Mapping[str, np.ndarray]) -> bytes:
    """{name: _rebuild_tensor_v2(storage, 0, shape, strides, False, {})}."""
    entries = b"".join(
        _text(name) + _tensor(str(index), array)
        for index, (name, array) in enumerate(tensors.items())
    )
    return b"\x80\x02}(" + entries + b"u."


def _tensor(key: str, array: np.ndarray) -> bytes:
    storage = _tuple(
        _text("storage"),
        _name("torch", _STORAGE_OF[array.dtype.name]),
        _text(key),
        _text("cpu"),
        _number(array.size),
    )
    strides, step = [], 1
    for size in reversed(array.shape):
        strides.insert(0, step)
        step *= size
    arguments = _tuple(
        storage + b"Q",  # look it up as a persistent id
        _number(0),
        _tuple(*map(_number, array.shape)),
        _tuple(*map(_number, strides)),
        b"\x89",  # False: requires_grad
        _name("collections", "OrderedDict") + b")R",  # no hooks
    )
    return _name("torch._utils", "_rebuild_tensor_v2") + arguments + b"R"


def _tuple(*items: bytes) -> bytes:
    return b"(" + b"".join(items) + b"t"


def _name(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def _text(text: str) -> bytes:
    encoded = text.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def _number(number: int) -> bytes:
    return b"J" + struct.pack("<i", number)
