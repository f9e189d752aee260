"""Reads the tensors of a .safetensors file with the library of that name."""

import os
from typing import BinaryIO

from deepi2i_tf.torch_files.stored_tensor import StoredTensor, numbers_of
from deepi2i_tf.utils.errors import UserError

try:
    import safetensors
except ImportError:
    safetensors = None

_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}
_HEAD_BYTES = 8


def is_safetensors(file: BinaryIO) -> bool:
    """Whether a file begins with the length of a header and a header."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(_HEAD_BYTES + 1)
    file.seek(0)
    length = int.from_bytes(head[:_HEAD_BYTES], "little")
    return head[_HEAD_BYTES:] == b"{" and length <= size


def read_safetensors(file: BinaryIO, path: str) -> dict[str, StoredTensor]:
    """Reads all tensors.

    Args:
        file: opened at its beginning.
        path: its name for messages.

    Raises:
        UserError: the library is not installed, or the file holds types that
            are read nowhere here.
        safetensors.SafetensorError: the file is damaged.
    """
    if safetensors is None:
        raise UserError(
            f"Expected the package safetensors for {path}. Received: an "
            "environment without it. Run pip install "
            "'deepi2i_tf[safetensors]'."
        )
    tensors = {}
    for name, stored in safetensors.deserialize(file.read()):
        dtype = _DTYPES.get(stored["dtype"])
        if dtype is None:
            raise UserError(
                f"Expected tensors of {', '.join(_DTYPES)} in {path}. "
                f"Received: {name} of {stored['dtype']}. Save them as F32."
            )
        numbers = numbers_of(stored["data"], dtype)
        tensors[name] = StoredTensor(numbers.reshape(stored["shape"]), dtype)
    return tensors
