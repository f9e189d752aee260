"""Converts a run's networks into PyTorch files of the original's names.

Written are G.pth, D.pth, E1.pth and A1.pth as they train, and their averages
G_ema.pth, E1_ema.pth and A1_ema.pth. The original's encoder and adaptor carry
a head that nothing uses, and its loader wants the names: they come as ones,
of which spectral normalisation makes finite numbers where zeros would not.
"""

import os
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.models import Translator, variables_by_path
from deepi2i_tf.networks import (
    FAMILIES,
    Adaptor,
    Encoder,
    build_network,
    family_of,
)
from deepi2i_tf.networks.channels import channels
from deepi2i_tf.pytorch.checkpoint_files import AVERAGED
from deepi2i_tf.pytorch.from_pytorch import STEM_OF, check_output
from deepi2i_tf.pytorch.upstream_names import upstream_entries, upstream_logs
from deepi2i_tf.runs.checkpoints import read_items
from deepi2i_tf.runs.layout import CHECKPOINT_PREFIX, CONVERSION_FILE
from deepi2i_tf.runs.restore import choose_checkpoint, read_run
from deepi2i_tf.torch_files import write_tensors
from deepi2i_tf.utils import atomic_files
from deepi2i_tf.utils.errors import UserError

NAMES_FILE = "class_names.txt"


def write_pytorch_folder(
    run_dir: str, folder: str, step: int | None = None, overwrite: bool = False
) -> list[str]:
    """Writes a checkpoint's networks as PyTorch files, all or none.

    Args:
        run_dir: run of a DeepI2I or a BigGAN.
        folder: folder to be made.
        step: which checkpoint; None takes the newest undamaged one.
        overwrite: replace a folder that this command made.

    Returns:
        Lines that say what was written.
    """
    check_output(folder, overwrite)
    config, class_names = read_run(Path(run_dir))
    _require_deepi2i(run_dir, config.network)
    step, checkpoint = choose_checkpoint(Path(run_dir), step)
    networks = _networks(config.network, checkpoint)
    final = Path(os.path.abspath(folder))
    w_l = ",".join(map(str, config.network.injection_weights))
    lines = [
        f"Step {step} of {run_dir}. No file holds w_l: convert it back with "
        f"--injection_weights={w_l}."
    ]
    with (
        atomic_files.explain_disk_errors(final, "Nothing was written."),
        atomic_files.atomic_directory(final) as made,
    ):
        for stem, network in networks.items():
            tensors = upstream_tensors(network, config.network)
            write_tensors(made / f"{stem}.pth", tensors)
            atomic_files.flush(made / f"{stem}.pth")
            lines.append(f"{stem}.pth: {len(tensors)} tensors.")
        names = "".join(f"{name}\n" for name in class_names)
        atomic_files.write_text(made / NAMES_FILE, names)
        facts = {"source": run_dir, "step": step, "report": lines}
        atomic_files.write_json(made / CONVERSION_FILE, facts)
    return lines


def _require_deepi2i(run_dir: str, config: NetworkConfig) -> None:
    if family_of(config) is not FAMILIES["deepi2i"]:
        raise UserError(
            "Expected a run of a DeepI2I or a BigGAN, whose PyTorch files are "
            f"known. Received: {run_dir}, of model={config.model}. Export it "
            "as a SavedModel instead: python -m deepi2i_tf.export."
        )


def upstream_tensors(
    network: keras.Model, config: NetworkConfig
) -> dict[str, np.ndarray]:
    """A network's state by the original's names, in its layouts.

    An unused head of ones comes with an encoder or an adaptor.
    """
    tensors = {
        entry.name: entry.to_upstream(entry.weight.numpy())
        for entries in (upstream_entries, upstream_logs)
        for entry in entries(network)
    }
    if isinstance(network, Encoder | Adaptor):
        width = channels(config).trunk_out[-1]
        shapes = {
            "linear.weight": (1, width),
            "linear.bias": (1,),
            "linear.u0": (1, 1),
            "linear.sv0": (1,),
            "embed.weight": (config.num_classes, width),
            "embed.u0": (1, config.num_classes),
            "embed.sv0": (1,),
        }
        for name, shape in shapes.items():
            tensors[name] = np.ones(shape, np.float32)
    return tensors


def _networks(
    config: NetworkConfig, checkpoint: Path
) -> dict[str, keras.Model]:
    """The networks that a checkpoint holds, by the names of their files."""
    if config.adaptor != "residual":
        raise UserError(
            "Expected a run with --adaptor=residual, as the original's is. "
            f"Received: adaptor={config.adaptor!r}. Keep this run as it is."
        )
    stored = {
        name.partition("/")[0]
        for name, _ in tf.train.list_variables(
            str(checkpoint / CHECKPOINT_PREFIX)
        )
    }
    live = {
        name: build_network(name, config) for name in STEM_OF if name in stored
    }
    averages = {
        name: build_network(name, config)
        for name in FAMILIES["deepi2i"].translating
        if name in live
    }
    averaged = averages["generator"]
    if len(averages) > 1:
        averaged = Translator(*averages.values())
    items = {
        name: variables_by_path(network.weights)
        for name, network in live.items()
    }
    items["averaged"] = variables_by_path(averaged.weights)
    read_items(checkpoint, items, whole=False)
    return {STEM_OF[name]: network for name, network in live.items()} | {
        STEM_OF[name] + AVERAGED: network for name, network in averages.items()
    }
