"""What `--init_from` names: a run to start from, and which networks it has."""

import dataclasses
import functools
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.models.stages import PRETRAIN
from deepi2i_tf.networks import NETWORK_NAMES, z_length
from deepi2i_tf.runs.checkpoints import read_meta
from deepi2i_tf.runs.layout import CHECKPOINTS_FOLDER
from deepi2i_tf.runs.restore import choose_checkpoint, read_run
from deepi2i_tf.transfer.network_arrays import CheckpointArrays, trunk_arrays
from deepi2i_tf.utils.errors import UserError

# Item of a checkpoint that each network starts from.
_OF_BIGGAN = {
    "encoder": "discriminator",
    "generator": "averaged",
    "discriminator": "discriminator",
}
_OF_DEEPI2I = {name: name for name in NETWORK_NAMES}


@dataclasses.dataclass(frozen=True)
class InitSource:
    """A checkpoint to start from.

    Args:
        given: `--init_from`, for messages.
        step: its finished steps.
        config: configuration of its run.
        class_names: its classes, in label order.
        checkpoint: its arrays.
    """

    given: str
    step: int
    config: Config
    class_names: tuple[str, ...]
    checkpoint: CheckpointArrays

    @property
    def is_biggan(self) -> bool:
        """Whether `pretrain` made it, or it was one of BigGAN-PyTorch's."""
        return self.config.training.stage == PRETRAIN

    @functools.cached_property
    def networks(self) -> dict[str, str]:
        """The item for each network that it has something for."""
        items = _OF_BIGGAN if self.is_biggan else _OF_DEEPI2I
        there = self.checkpoint.names
        return {name: item for name, item in items.items() if item in there}

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """Arrays for one network, by the paths of its weights.

        Args:
            name: one of `networks`.
        """
        arrays = self.checkpoint.read(self.networks[name])
        if name == "encoder" and self.is_biggan:
            return trunk_arrays(arrays)
        return arrays

    def choose(
        self, requested: Sequence[str], ours: Sequence[str]
    ) -> tuple[str, ...]:
        """The networks that will start from here.

        Args:
            requested: `--init_networks`; none asks for all.
            ours: networks of this run.

        Returns:
            Names, in the order of `ours`.

        Raises:
            UserError: one that is asked for is not there.
        """
        there = [name for name in ours if name in self.networks]
        missing = [name for name in requested if name not in there]
        if missing:
            raise UserError(
                f"Expected --init_networks to name networks that {self.given} "
                f"has: {', '.join(there)}. Received: {', '.join(missing)}. "
                "Leave it out."
            )
        return tuple(name for name in there if name in (requested or there))

    def sentences(self, names: Sequence[str], ours: Sequence[str]) -> list[str]:
        """What is to be said of the start.

        Args:
            names: the networks that start from here.
            ours: networks of this run.
        """
        kind = "BigGAN" if self.is_biggan else "DeepI2I"
        said = [
            f"Networks start from {self.given}, step {self.step} of a {kind}: "
            f"{', '.join(names)}."
        ]
        if self.is_biggan and "discriminator" not in self.networks:
            said.append(f"{self.given} has no discriminator.")
        left = [name for name in ours if name not in names]
        if left:
            said.append(f"At their random start stay: {', '.join(left)}.")
        return said

    def require_fit(self, here: NetworkConfig, names: Sequence[str]) -> None:
        """Compares what decides the shapes of some networks.

        Args:
            here: the networks' shape in this run.
            names: networks that start from here.

        Raises:
            UserError: tells every number that differs.
        """
        there = _numbers(self.config.network, names)
        differing = [
            f"{flag} {there[flag]} there, {value} here"
            for flag, value in _numbers(here, names).items()
            if there[flag] != value
        ]
        if differing:
            raise UserError(
                f"Expected the networks of this run to be those of "
                f"{self.given}. Received: {'; '.join(differing)}. Give the "
                "flags of that run, or choose another --init_from."
            )


def _numbers(network: NetworkConfig, names: Sequence[str]) -> dict[str, object]:
    """What decides the shapes of networks, as one would tell it."""
    attention = [
        size
        for size in network.attention_resolutions
        if 0 < size <= network.resolution
    ]
    numbers = {
        "resolution": network.resolution,
        "ch": network.ch,
        "attention_resolutions": sorted(attention) or [0],
    }
    if "generator" in names:
        numbers["dim_z"] = z_length(network)
        numbers["shared_dim"] = network.shared_dim
    if "adaptor" in names:
        numbers["adaptor"] = network.adaptor
    return numbers


def open_source(given: str | os.PathLike) -> InitSource:
    """Opens the run that `--init_from` names.

    Args:
        given: a run directory, whose newest undamaged checkpoint is taken, or
            one checkpoint's folder in it.

    Raises:
        UserError: there is no such run, or no undamaged checkpoint.
    """
    path = run = Path(given)
    if (run / CHECKPOINTS_FOLDER).is_dir():
        step, path = choose_checkpoint(run, None)
    else:
        run = path.parent.parent
        meta, fault = read_meta(path)
        if meta is None:
            raise UserError(
                "Expected --init_from to be a run directory or a checkpoint "
                f"folder in one. Received: {given} ({fault}). Give for "
                "example runs/00007-animals-20261121."
            )
        step = meta["step"]
    config, class_names = read_run(run)
    return InitSource(
        str(given), step, config, class_names, CheckpointArrays(path)
    )
