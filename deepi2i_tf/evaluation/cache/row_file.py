"""Rows of one shape in a file: memory holds those that are asked for."""

import os

import numpy as np


class RowFile:
    """Arrays of one shape and dtype, one behind the other in a file.

    Read with plain reads, not as a memory map: pages of a map count as the
    process' memory until something else needs it.

    Args:
        path: the file; made where missing, its rows stay where it is there.
        row_shape: shape of a row.
        dtype: dtype of a row.
    """

    def __init__(
        self, path: str, row_shape: tuple[int, ...], dtype: type
    ) -> None:
        self._path = path
        self._row_shape, self._dtype = tuple(row_shape), np.dtype(dtype)
        self._row_bytes = self._dtype.itemsize * int(np.prod(row_shape))
        with open(path, "ab"):
            pass

    def __len__(self) -> int:
        return os.path.getsize(self._path) // self._row_bytes

    @property
    def shape(self) -> tuple[int, ...]:
        """(rows, *shape of a row)."""
        return len(self), *self._row_shape

    def append(self, rows: np.ndarray) -> None:
        """Adds rows, (any number, *shape of a row), at the end."""
        with open(self._path, "ab") as file:
            file.write(np.ascontiguousarray(rows, self._dtype).tobytes())

    def truncate(self, count: int) -> None:
        """Keeps the first `count` rows, if there are as many."""
        os.truncate(self._path, min(count, len(self)) * self._row_bytes)

    def __getitem__(self, chosen: slice | np.ndarray) -> np.ndarray:
        if isinstance(chosen, slice):
            chosen = np.arange(len(self))[chosen]
        rows = np.empty((len(chosen), *self._row_shape), self._dtype)
        with open(self._path, "rb", buffering=0) as file:
            for first, count in _runs(chosen):
                file.seek(int(chosen[first]) * self._row_bytes)
                file.readinto(rows[first : first + count].data)
        return rows


class RowView:
    """Rows of another store in another order, read when asked for.

    Args:
        rows: an array or a `RowFile`.
        order: int, (n,): which rows, and in which order.
    """

    def __init__(self, rows: RowFile | np.ndarray, order: np.ndarray) -> None:
        self._rows, self._order = rows, order

    def __len__(self) -> int:
        return len(self._order)

    @property
    def shape(self) -> tuple[int, ...]:
        """(rows, *shape of a row)."""
        return len(self), *self._rows.shape[1:]

    def __getitem__(self, chosen: slice | np.ndarray) -> np.ndarray:
        return self._rows[self._order[chosen]]


def _runs(rows: np.ndarray) -> list[tuple[int, int]]:
    """(first, length) of the stretches in which rows lie side by side."""
    if not len(rows):
        return []
    starts = np.flatnonzero(np.diff(rows) != 1) + 1
    edges = np.concatenate([[0], starts, [len(rows)]])
    return list(zip(edges[:-1], np.diff(edges), strict=True))
