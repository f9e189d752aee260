"""The original's state dicts: read into float32, and put into networks."""

import collections
import dataclasses
import math
from collections.abc import Mapping

import keras
import numpy as np

from deepi2i_tf.pytorch.upstream_names import upstream_entries, upstream_logs
from deepi2i_tf.torch_files import StoredTensor
from deepi2i_tf.utils.errors import UserError

# What torch.nn.DataParallel puts before every name.
PARALLEL = "module."


@dataclasses.dataclass(frozen=True)
class StateDict:
    """The tensors of one file.

    Args:
        file: its name, for messages.
        tensors: by the original's names; floating ones are float32.
        notes: what was changed on reading, as phrases.
    """

    file: str
    tensors: Mapping[str, np.ndarray]
    notes: tuple[str, ...] = ()

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes by name."""
        return {name: each.shape for name, each in self.tensors.items()}


def plain_state_dict(
    file: str, stored: Mapping[str, StoredTensor]
) -> StateDict:
    """What a file holds, by plain names and in float32.

    A note tells of a prefix, and of each other dtype.
    """
    notes = []
    if stored and all(name.startswith(PARALLEL) for name in stored):
        stored = {
            name.removeprefix(PARALLEL): each for name, each in stored.items()
        }
        notes.append(f"names without DataParallel's {PARALLEL!r}")
    floating = {
        name: each
        for name, each in stored.items()
        if np.issubdtype(each.value.dtype, np.floating)
    }
    counts = collections.Counter(each.dtype for each in floating.values())
    notes += [
        f"{count} {dtype} tensors as float32"
        for dtype, count in sorted(counts.items())
        if dtype != "float32"
    ]
    tensors = {name: each.value for name, each in stored.items()}
    for name in floating:
        tensors[name] = tensors[name].astype(np.float32, copy=False)
    return StateDict(file, tensors, tuple(notes))


def assign_state_dict(network: keras.Model, state: StateDict) -> list[str]:
    """Puts the original's weights into a network, all or none.

    Our sigma, which each training step measures anew, takes the original's
    sv0 where the file has it, and else stays as it is.

    Returns:
        Names of the file that the network has no use for.

    Raises:
        UserError: weights are missing, of another shape, or not finite.
    """
    entries = list(upstream_entries(network))
    _refuse_missing(network.name, [e.name for e in entries], state)
    entries += [e for e in upstream_logs(network) if e.name in state.tensors]
    for entry in entries:
        _refuse_value(entry.name, entry.upstream_shape(), state)
    for entry in entries:
        value = state.tensors[entry.name].reshape(entry.upstream_shape())
        entry.weight.assign(entry.from_upstream(value))
    used = {entry.name for entry in entries}
    return [name for name in state.tensors if name not in used]


def _refuse_missing(kind: str, names: list[str], state: StateDict) -> None:
    missing = [name for name in names if name not in state.tensors]
    if missing:
        raise UserError(
            f"Expected {state.file} to hold the {len(names)} weights of "
            f"this {kind}. Received: {len(missing)} missing, the first "
            f"{missing[0]}. Give the {kind} that belongs to the other files."
        )


def _refuse_value(name: str, shape: tuple[int, ...], state: StateDict) -> None:
    value = state.tensors[name]
    # A single number is stored with or without an axis of its own.
    single = math.prod(shape) == 1 == value.size
    if value.shape != shape and not single:
        raise UserError(
            f"Expected {name} of {state.file} to be of shape {shape}, by the "
            f"other shapes. Received: {value.shape}. Give files of one "
            "network."
        )
    if not np.isfinite(value).all():
        raise UserError(
            f"Expected {name} of {state.file} to be finite. Received: "
            f"{np.count_nonzero(~np.isfinite(value)):,} of {value.size:,} "
            "numbers that are not. Give a checkpoint from before training "
            "went wrong."
        )
