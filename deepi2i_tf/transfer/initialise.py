"""Initialises networks from another run: `--init_from`.

Of a BigGAN, generator from the average of its generator, discriminator and
encoder from its discriminator; the adaptor stays at its random start. Of a
DeepI2I, each network from its own. Class rows follow `transfer.class_rows`.
"""

import dataclasses
import functools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.data import (
    DATA_ERRORS,
    PreparedData,
    describe_data_error,
    read_split,
)
from deepi2i_tf.models import TrainedModel
from deepi2i_tf.models.stages import PRETRAIN
from deepi2i_tf.networks import (
    NETWORK_NAMES,
    build_network,
    family_of,
    z_length,
)
from deepi2i_tf.runs.checkpoints import read_meta
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.runs.layout import CHECKPOINTS_FOLDER
from deepi2i_tf.runs.restore import choose_checkpoint, read_run
from deepi2i_tf.transfer.class_rows import (
    ClassRow,
    choose_rows,
    counts_text,
    read_class_map,
    row_matrix,
    table_text,
)
from deepi2i_tf.transfer.nearest_features import nearest_classes, pooled_means
from deepi2i_tf.transfer.network_arrays import (
    CheckpointArrays,
    assign_arrays,
    trunk_arrays,
)
from deepi2i_tf.utils.atomic_files import explain_disk_errors, write_text
from deepi2i_tf.utils.errors import UserError

TABLE_FILE = "class_map.tsv"
_BATCH = 64
# Of each class, on average, before the search for images of it is given up.
_MOST_READ = 1000
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
        stored = self.checkpoint.names
        return {name: item for name, item in items.items() if item in stored}

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """Arrays for one of `networks`, by the paths of its weights."""
        arrays = self.checkpoint.read(self.networks[name])
        if name == "encoder" and self.is_biggan:
            return trunk_arrays(arrays)
        return arrays

    def choose(
        self, requested: Sequence[str], ours: Sequence[str]
    ) -> tuple[str, ...]:
        """The networks that will start from here, in the order of `ours`.

        Args:
            requested: `--init_networks`; none asks for all.
            ours: networks of this run.

        Raises:
            UserError: one that is asked for is not there.
        """
        found = [name for name in ours if name in self.networks]
        missing = [name for name in requested if name not in found]
        if missing:
            raise UserError(
                f"Expected --init_networks to name networks that {self.given} "
                f"has: {', '.join(found)}. Received: {', '.join(missing)}. "
                "Leave it out."
            )
        return tuple(name for name in found if name in (requested or found))

    def sentences(self, names: Sequence[str], ours: Sequence[str]) -> list[str]:
        """What is said of a start of the networks `names` among `ours`."""
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

    def require_fit(self, current: NetworkConfig, names: Sequence[str]) -> None:
        """Refuses networks of other shapes; tells every number that differs."""
        stored = _numbers(self.config.network, names)
        differing = [
            f"{flag} {stored[flag]} there, {value} here"
            for flag, value in _numbers(current, names).items()
            if stored[flag] != value
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

    Given is a run directory, whose newest undamaged checkpoint is taken, or
    one checkpoint's folder in it.
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
    if "transfer" not in family_of(config.network).stages:
        raise UserError(
            "Expected --init_from to name a run of a BigGAN or a DeepI2I. "
            f"Received: {given}, of model={config.network.model}, which has "
            "other networks. Choose another, or train from scratch."
        )
    return InitSource(
        str(given), step, config, class_names, CheckpointArrays(path)
    )


def initialise(
    config: Config,
    model: TrainedModel,
    data: PreparedData,
    run: str | os.PathLike,
    log: RunLog,
) -> None:
    """Starts networks and averages from another run; says what came whence.

    Optimizers and the step stay as they are. `class_map.tsv` in the run
    directory says which rule served which class.

    Raises:
        UserError: `--init_from` is no run, or one of another architecture, or
            the class map is wrong.
    """
    source = open_source(config.training.init_from)
    names = source.choose(config.transfer.init_networks, tuple(model.networks))
    source.require_fit(config.network, names)
    for sentence in source.sentences(names, tuple(model.networks)):
        log.say(sentence)
    rows = ()
    if {"generator", "discriminator"}.intersection(names):
        rows = _class_rows(config, source, data)
        log.say(f"Class rows: {counts_text(rows)}; see {TABLE_FILE}.")
    matrix = row_matrix(rows, source.class_names)
    for name in names:
        assign_arrays(model.networks[name], source.arrays(name), matrix)
    model.average.reset()
    model.initialised = True
    table = Path(run) / TABLE_FILE
    with explain_disk_errors(table, "Nothing was trained."):
        write_text(table, table_text(rows))


def _class_rows(
    config: Config, source: InitSource, data: PreparedData
) -> tuple[ClassRow, ...]:
    ours, transfer = data.class_names, config.transfer
    mapped = {}
    if transfer.class_map:
        mapped = read_class_map(transfer.class_map, ours, source.class_names)

    def nearest() -> dict[str, str]:
        return _nearest(config, source, data)

    return choose_rows(
        ours, source.class_names, mapped, transfer.class_rows, nearest
    )


def _nearest(
    config: Config, source: InitSource, data: PreparedData
) -> dict[str, str]:
    """Their nearest class for each of ours; none without a discriminator."""
    if "discriminator" not in source.networks:
        return {}
    arrays = source.arrays("discriminator")
    trunk = build_network("encoder", config.network)
    assign_arrays(trunk, trunk_arrays(arrays))
    embeddings = arrays["discriminator/embed/embeddings"]
    shape = (data.num_classes, embeddings.shape[1])
    try:
        means, counts = pooled_means(trunk, _batches(data), shape)
    except DATA_ERRORS as error:
        raise describe_data_error(error, data) from error
    found = nearest_classes(means, counts, embeddings)
    return {
        data.class_names[label]: source.class_names[nearest]
        for label, nearest in found.items()
    }


def _batches(
    data: PreparedData,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    examples = read_split(data, "train")
    most = _MOST_READ * data.num_classes
    for batch in examples.take(most).batch(_BATCH).as_numpy_iterator():
        yield batch["image"], batch["label"]
