"""Reads the tensors of a PyTorch state dict, without torch.

Three formats are read: the zip of PyTorch 1.6 and later (`data.pkl` and one
member per storage), what came before (several pickles, then the bytes of
every storage), in which the BigGAN of 2019 was published, and safetensors. No
code of a file is run; see `unpickler.py`.
"""

import collections
import io
import math
import os
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np

from deepi2i_tf.torch_files.safetensors_file import (
    is_safetensors,
    read_safetensors,
)
from deepi2i_tf.torch_files.stored_tensor import (
    StoredTensor,
    numbers_of,
    stored_dtype,
)
from deepi2i_tf.torch_files.unpickler import (
    Storage,
    TensorUnpickler,
    TensorView,
)
from deepi2i_tf.utils.errors import UserError

# What torch.save put before 2020 at the beginning of every file.
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001
PICKLE = "data.pkl"
_ZIP_BEGINS = b"PK"
_PICKLE_BEGINS = b"\x80"


def read_tensors(
    path: str | os.PathLike,
    file: BinaryIO | None = None,
    keys: Sequence[str] = (),
) -> dict[str, StoredTensor]:
    """Reads what `torch.save(network.state_dict(), path)` wrote.

    Args:
        path: the file; with `file`, only its name for messages.
        file: the opened file, where it has no path of its own; it must seek.
        keys: where trainers keep a state dict within another one, such as
            `"state_dict"`; the first that is there is looked into, and what
            is found there likewise.

    Returns:
        {name: tensor}, in the file's order. Entries that are no tensors are
        left out. The arrays are views that may be read-only or overlap.

    Raises:
        UserError: it is missing, damaged, no state dict, or would run code.
    """
    path = os.fspath(path)
    if file is not None:
        return _read(file, path, keys)
    try:
        with open(path, "rb") as opened:
            return _read(opened, path, keys)
    except OSError as error:
        raise UserError(
            f"Expected a PyTorch checkpoint at {path}. Received: "
            f"{error.strerror or error}. Check the path."
        ) from error


def _read(
    file: BinaryIO, path: str, keys: Sequence[str]
) -> dict[str, StoredTensor]:
    begins = file.read(16)
    file.seek(0)
    try:
        if begins.startswith(_ZIP_BEGINS):
            return _read_zip(file, path, keys)
        if begins.startswith(_PICKLE_BEGINS):
            return _read_legacy(file, path, keys)
        if is_safetensors(file):
            return read_safetensors(file, path)
    except (UserError, OSError):
        raise
    # What a damaged pickle or zip raises has no end: every opcode that meets
    # a wrong operand has an error of its own.
    except Exception as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error
    size = file.seek(0, os.SEEK_END)
    if begins.lstrip()[:1] == b"<":
        what = "a web page, as a failed download leaves it"
    elif begins.startswith(b"version https://"):
        what = "a pointer of Git LFS, not the file it points to"
    else:
        what = f"{size:,} bytes that begin with {begins!r}"
    raise UserError(
        f"Expected {path} to be a PyTorch checkpoint. Received: {what}. "
        "Download it again."
    )


def _read_zip(
    file: BinaryIO, path: str, keys: Sequence[str]
) -> dict[str, StoredTensor]:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        pickles = [name for name in names if name.split("/")[1:] == [PICKLE]]
        if not pickles:
            raise UserError(
                f"Expected {path} to be a PyTorch checkpoint. Received: a zip "
                f"of {len(names)} members without {PICKLE}. Give the .pth file."
            )
        root = pickles[0].removesuffix(PICKLE)
        order = "<"
        if f"{root}byteorder" in names:
            big = archive.read(f"{root}byteorder").strip() == b"big"
            order = ">" if big else "<"
        pickled = io.BytesIO(archive.read(pickles[0]))
        state = TensorUnpickler(pickled, path).load()

        def look_up(storage: Storage) -> np.ndarray:
            # zipfile compares the member's checksum.
            return _numbers(
                archive.read(f"{root}data/{storage.key}"), storage, order
            )

        return _tensors(_inner(state, keys), look_up, path)


def _read_legacy(
    file: BinaryIO, path: str, keys: Sequence[str]
) -> dict[str, StoredTensor]:
    head = [TensorUnpickler(file, path).load()]
    if head != [LEGACY_MAGIC]:
        raise UserError(
            f"Expected {path} to be a PyTorch checkpoint. Received: a pickle "
            f"of another program, a {type(head[0]).__name__}. Save the "
            "state dict with torch.save."
        )
    protocol = TensorUnpickler(file, path).load()
    TensorUnpickler(file, path).load()  # Sizes of the writer's C types.
    if protocol != LEGACY_PROTOCOL:
        raise pickle.UnpicklingError(f"protocol {protocol}")
    unpickler = TensorUnpickler(file, path)
    state = unpickler.load()
    stored = {}
    for key in TensorUnpickler(file, path).load():
        storage = unpickler.storages[str(key)]
        (length,) = struct.unpack("<q", file.read(8))
        if length != storage.length:
            raise EOFError(f"{length} elements for {storage.length}")
        itemsize = stored_dtype(storage.dtype).itemsize
        stored[storage.key] = file.read(length * itemsize)
    return _tensors(
        _inner(state, keys),
        lambda storage: _numbers(stored[storage.key], storage, "<"),
        path,
    )


def _inner(state: Any, keys: Sequence[str]) -> Any:
    """The state dict within what a trainer saved."""
    while isinstance(state, Mapping):
        inner = [k for k in keys if isinstance(state.get(k), Mapping)]
        if not inner:
            break
        state = state[inner[0]]
    return state


def _tensors(
    state: Any, look_up: Callable[[Storage], np.ndarray], path: str
) -> dict[str, StoredTensor]:
    """Cuts every tensor of a state dict out of its storage."""
    if not isinstance(state, Mapping):
        raise UserError(
            f"Expected {path} to be a PyTorch state dict. Received: a "
            f"{type(state).__name__}. Save network.state_dict()."
        )
    views = {
        str(name): view
        for name, view in state.items()
        if isinstance(view, TensorView)
    }
    if not views:
        names = ", ".join(map(str, list(state)[:5])) or "nothing"
        raise UserError(
            f"Expected {path} to be a PyTorch state dict, names and tensors. "
            f"Received: a dict of {names}, none of them a tensor or known to "
            "hold some. Save network.state_dict() by itself."
        )
    users = collections.Counter(view.storage.key for view in views.values())
    cached: dict[str, np.ndarray] = {}
    tensors = {}
    for name, view in views.items():
        key = view.storage.key
        if key not in cached:
            cached[key] = look_up(view.storage)
        tensors[name] = StoredTensor(
            _cut(cached[key], view), view.storage.dtype
        )
        users[key] -= 1
        if not users[key]:
            del cached[key]
    return tensors


def _numbers(content: bytes, storage: Storage, order: str) -> np.ndarray:
    size = storage.length * stored_dtype(storage.dtype).itemsize
    if len(content) != size:
        raise EOFError(
            f"storage {storage.key} has {len(content):,} of {size:,} bytes"
        )
    return numbers_of(content, storage.dtype, order)


def _cut(numbers: np.ndarray, view: TensorView) -> np.ndarray:
    """The view of a storage that is one tensor; refuses to leave it."""
    first = view.storage.begin + view.offset
    steps = zip(view.shape, view.strides, strict=True)
    last = first + sum((size - 1) * stride for size, stride in steps)
    if min((*view.shape, *view.strides, first), default=0) < 0:
        raise ValueError(f"a tensor of shape {view.shape} at {first}")
    if math.prod(view.shape) == 0:
        return np.empty(view.shape, numbers.dtype)
    if last >= len(numbers):
        raise ValueError(f"element {last} of a storage of {len(numbers)}")
    return np.lib.stride_tricks.as_strided(
        numbers[first:],
        view.shape,
        [stride * numbers.itemsize for stride in view.strides],
        writeable=False,
    )


def _damaged(path: str, why: str) -> UserError:
    # Libraries write pages; what is wrong stands in the first line.
    line = (why.strip().splitlines() or [""])[0][:160]
    return UserError(
        f"Expected {path} to be a whole PyTorch checkpoint. Received: a "
        f"damaged or half-downloaded one ({line}). Download it again."
    )
