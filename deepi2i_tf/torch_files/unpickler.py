"""Reads the pickle inside a PyTorch file without running code.

A pickle is a program that may call whatever it names. This one may name the
few things of which a state dict consists, and each is replaced by a function
or value made anew for every file: nothing of torch is needed, and nothing
that a file does to them outlives it. Every other name is a `UserError`, as
with `torch.load(weights_only=True)`, which has a longer list.
"""

import collections
import dataclasses
import pickle
import pickletools
from typing import Any, BinaryIO, NamedTuple

from deepi2i_tf.utils.errors import UserError

# Storage classes of torch by the bytes and meaning of an element; NumPy has
# no bfloat16, whose bits are read as unsigned numbers.
STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}

_PUTS = ("PUT", "BINPUT", "LONG_BINPUT")


class Storage(NamedTuple):
    """A stretch of numbers that tensors are cut from.

    Attributes:
        key: its name in the file.
        dtype: a value of `STORAGES`.
        length: its number of elements.
        begin: element of the stored stretch where this view of it begins;
            only the format of before 2020 knows such views.
    """

    key: str
    dtype: str
    length: int
    begin: int = 0


@dataclasses.dataclass(frozen=True)
class TensorView:
    """A tensor before its numbers are read; offset and strides in elements."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class TensorUnpickler(pickle.Unpickler):
    """Reads one pickle, from a file that seeks; tensors as `TensorView`."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        super().__init__(file, encoding="utf-8")
        self._file = file
        self._path = path
        self._allowed = _allowed_names()
        self.storages: dict[str, Storage] = {}

    def load(self) -> Any:
        """Reads the pickle, once it is known what it would allocate.

        Raises:
            UserError: it names what a state dict does not need.
            Exception: of any kind, where it is damaged.
        """
        begin = self._file.tell()
        for count, (opcode, argument, _) in enumerate(
            pickletools.genops(self._file)
        ):
            # Memo indices are given out in turn; one flipped bit would make
            # Python allocate gigabytes for those between.
            if opcode.name in _PUTS and argument > count:
                raise pickle.UnpicklingError(f"place {argument} is far out")
        self._file.seek(begin)
        return super().load()

    def find_class(self, module: str, name: str) -> Any:
        """What a name stands for; a `UserError` if no state dict needs it."""
        if (module, name) in self._allowed:
            return self._allowed[module, name]
        raise UserError(
            f"Expected {self._path} to be a PyTorch state dict, which is "
            f"tensors and names. Received: a pickle that calls {module}.{name},"
            " and could run any code that way. Nothing of it was run: get a "
            "state dict, or a file that you have reason to trust."
        )

    def persistent_load(self, pid: Any) -> Storage:
        """Notes a storage that the pickle mentions.

        `pid` is ("storage", dtype, key, device, length), and in the format of
        before 2020 also None or (key, begin, length) of a view.
        """
        kind, dtype, key, _, length, *view = pid
        if kind != "storage" or dtype not in STORAGES.values():
            raise pickle.UnpicklingError(f"{kind!r} is no storage")
        stored = Storage(str(key), dtype, int(length))
        self.storages[stored.key] = stored
        if view and view[0] is not None:
            return stored._replace(begin=int(view[0][1]))
        return stored


def _allowed_names() -> dict[tuple[str, str], Any]:
    """Stand-ins for the names of a state dict.

    A pickle can set attributes of what it is given: these functions are made
    for one file and thrown away with it.
    """

    def rebuild(*arguments) -> TensorView:
        return _view(*arguments)

    def same(tensor, *_) -> TensorView:
        return tensor

    return {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor"): rebuild,
        ("torch._utils", "_rebuild_tensor_v2"): rebuild,
        ("torch._utils", "_rebuild_parameter"): same,
        **{("torch", name): dtype for name, dtype in STORAGES.items()},
    }


def _view(storage, offset, shape, strides, *_) -> TensorView:
    if not isinstance(storage, Storage):
        raise pickle.UnpicklingError("a tensor without a storage")
    return TensorView(
        storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides))
    )
