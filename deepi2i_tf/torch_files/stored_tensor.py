"""What a file holds of one tensor: its numbers and how they were stored."""

from typing import NamedTuple

import numpy as np


class StoredTensor(NamedTuple):
    """A tensor of a file.

    Attributes:
        value: its numbers; a bfloat16 comes as float32, which holds each of
            its values.
        dtype: what the file holds, e.g. "bfloat16".
    """

    value: np.ndarray
    dtype: str


def stored_dtype(dtype: str, order: str = "<") -> np.dtype:
    """NumPy's type for a stored one; bfloat16, which it has not, as uint16."""
    name = "uint16" if dtype == "bfloat16" else dtype
    return np.dtype(name).newbyteorder(order)


def numbers_of(content: bytes, dtype: str, order: str = "<") -> np.ndarray:
    """The numbers that some bytes spell, (n,), in this machine's order."""
    stored = stored_dtype(dtype, order)
    numbers = np.frombuffer(content, stored)
    numbers = numbers.astype(stored.newbyteorder("="), copy=False)
    if dtype == "bfloat16":
        # The upper half of a float32.
        return (numbers.astype(np.uint32) << 16).view(np.float32)
    return numbers
