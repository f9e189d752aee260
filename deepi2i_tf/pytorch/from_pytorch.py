"""Converts the original's PyTorch files into a run directory.

A BigGAN becomes what `pretrain` makes, a DeepI2I what `train` makes, at step
0 and without optimizers. The weight averages are those of the `_ema` files;
where there is only the one or the other of a network, it is both.
"""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from deepi2i_tf.config import Config, NetworkConfig, TrainingConfig
from deepi2i_tf.models import Translator, variables_by_path
from deepi2i_tf.models.stages import PRETRAIN
from deepi2i_tf.networks import FAMILIES, build_network
from deepi2i_tf.pytorch.architecture import network_config
from deepi2i_tf.pytorch.checkpoint_files import (
    AVERAGED,
    FoundFiles,
    find_checkpoint_files,
)
from deepi2i_tf.pytorch.state_dict import (
    StateDict,
    assign_state_dict,
    plain_state_dict,
)
from deepi2i_tf.pytorch.upstream_names import upstream_logs
from deepi2i_tf.runs.checkpoints import Checkpoints
from deepi2i_tf.runs.layout import (
    CHECKPOINTS_FOLDER,
    CONFIG_FILE,
    CONVERSION_FILE,
    DATA_FILE,
    VERSIONS_FILE,
)
from deepi2i_tf.runs.provenance import software_versions
from deepi2i_tf.utils import atomic_files
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import composed

STEM_OF = {
    "generator": "G",
    "discriminator": "D",
    "encoder": "E1",
    "adaptor": "A1",
}
_SHOWN = 20
_IMAGENET_CLASSES = 1000
_FAMILY = FAMILIES["deepi2i"]
BIGGAN = _FAMILY.stages[PRETRAIN]


@dataclasses.dataclass
class _Loaded:
    """Networks with weights, and what is to be told of them."""

    items: dict[str, Any]
    lines: list[str]


def convert(
    source: str,
    output: str,
    discriminator: str = "",
    class_names: str = "",
    injection_weights: tuple[float, ...] = NetworkConfig.injection_weights,
    overwrite: bool = False,
) -> list[str]:
    """Makes a run directory of a checkpoint, whole or not at all.

    `conversion.json` in it marks it, and says what was used of which file.

    Args:
        source: folder, zip, or a generator's file.
        output: the run directory to be made.
        discriminator: its discriminator's file, beside a generator's.
        class_names: file of the classes' names, or empty.
        injection_weights: w_l of eq. 4, which no file holds.
        overwrite: replace a converted run that stands there.

    Returns:
        Lines that say what was used, left out and missing.
    """
    check_output(output, overwrite)
    found = find_checkpoint_files(source, discriminator)
    kind = _kind(found)
    states = {
        stem: plain_state_dict(file.name, file.read())
        for stem, file in found.files.items()
    }
    config = _config(kind, states, injection_weights)
    classes = config.network.num_classes
    names, said = read_class_names(class_names, classes)
    loaded = _load(kind, config.network, states)
    lines = [_headline(kind, config.network), *loaded.lines, *said]
    lines.extend(_left_out(found))
    facts = {"source": source, "files": sorted(states), "report": lines}
    write_run(output, config, names, loaded.items, facts)
    return lines


def check_output(output: str, overwrite: bool) -> None:
    """Refuses a path in use, unless it is to be replaced and may be.

    Only a folder that this command made, by its `conversion.json`, ever is.
    """
    path = Path(output)
    if not os.path.lexists(path):
        return
    ours = (path / CONVERSION_FILE).is_file()
    if path.is_dir() and (not any(path.iterdir()) or (ours and overwrite)):
        return
    what = "an earlier conversion" if ours else "something else"
    fix = "add --overwrite or choose another" if ours else "choose another"
    raise UserError(
        f"Expected a new folder. Received: {output}, which is {what}. "
        f"{fix[0].upper()}{fix[1:]}."
    )


def read_class_names(
    path: str, num_classes: int
) -> tuple[tuple[str, ...], list[str]]:
    """The names that a file has a line for each of, or made up; lines to tell.

    Raises:
        UserError: the file cannot be read, or has other than `num_classes`
            different names.
    """
    if not path:
        return _made_up_names(num_classes)
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"Expected --class_names to be a text file. Received: {path} "
            f"({error}). Check the path."
        ) from error
    names = [composed(line.strip()) for line in text.splitlines()]
    names = [name for name in names if name]
    if len(set(names)) != num_classes or len(names) != num_classes:
        raise UserError(
            f"Expected {num_classes} different names in {path}, one of each "
            f"class. Received: {len(names)}, {len(set(names))} of them "
            "different. Give one line per class."
        )
    return tuple(names), []


def _made_up_names(num_classes: int) -> tuple[tuple[str, ...], list[str]]:
    said = [f"Classes have no names: class_0000 to {num_classes - 1:04d}."]
    if num_classes == _IMAGENET_CLASSES:
        said.append(
            "1000 classes are ImageNet's, if this is BigGAN's checkpoint, "
            "in the order of the synsets (n01440764 is class_0000); "
            "--class_names names them."
        )
    return tuple(f"class_{i:04d}" for i in range(num_classes)), said


def write_run(
    output: str,
    config: Config,
    names: Sequence[str],
    items: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> None:
    """Writes a run directory like one of training, whole or not at all.

    Args:
        output: where it is to stand; see `check_output`.
        config: its configuration.
        names: its class names.
        items: what its checkpoint of step 0 holds.
        facts: plain values for `conversion.json`.
    """
    # The keys of `identity.data_facts`.
    data = {
        "path": os.path.abspath(facts["source"]),
        **dict.fromkeys(("dataset", "config", "version"), ""),
        "resolution": config.network.resolution,
        "class_names": list(names),
        "num_examples": {},
        "shards_sha256": "",
    }
    final = Path(os.path.abspath(output))
    with (
        atomic_files.explain_disk_errors(final, "Nothing was converted."),
        atomic_files.atomic_directory(final) as run,
    ):
        Checkpoints(run / CHECKPOINTS_FOLDER, dict(items), keep=1).save(0, {})
        atomic_files.write_json(run / CONVERSION_FILE, dict(facts))
        atomic_files.write_json(run / VERSIONS_FILE, software_versions())
        atomic_files.write_json(run / DATA_FILE, data)
        atomic_files.write_text(run / CONFIG_FILE, config.to_json())


def _left_out(found: FoundFiles) -> list[str]:
    lines = []
    if found.others:
        shown = ", ".join(found.others[:_SHOWN])
        more = len(found.others) - _SHOWN
        also = f" and {more} more files" if more > 0 else ""
        lines.append(f"Not read: {shown}{also}.")
    if "D" not in found.files:
        beside = found.discriminator
        hint = f" To read {beside}, add --discriminator={beside}." * bool(
            beside
        )
        lines.append(
            f"No D{found.suffix}.pth: the run has no discriminator, so that "
            "no encoder and no discriminator can be initialised from it." + hint
        )
    return lines


def _kind(found: FoundFiles) -> tuple[str, ...]:
    """The networks of the checkpoint: a BigGAN's two, or all four."""
    stems = {stem.removesuffix(AVERAGED) for stem in found.files}
    if not stems & {"E1", "A1"}:
        return BIGGAN if "D" in stems else BIGGAN[:1]
    missing = sorted(set(STEM_OF.values()) - stems)
    if missing:
        raise UserError(
            "Expected G.pth, D.pth, E1.pth and A1.pth of a DeepI2I. Received: "
            f"no {missing[0]}.pth beside "
            f"{', '.join(f'{stem}.pth' for stem in sorted(stems))}. Complete "
            "the folder, or give the generator alone, as a BigGAN."
        )
    return tuple(STEM_OF)


def _config(
    kind: tuple[str, ...],
    states: Mapping[str, StateDict],
    injection_weights: tuple[float, ...],
) -> Config:
    generator, *others = (
        _state_of(name, states) if name in kind else None
        for name in ("generator", "discriminator", "encoder")
    )
    network = network_config(
        (generator.file, generator.shapes),
        *((each.file, each.shapes) if each else None for each in others),
        injection_weights=injection_weights,
    )
    stage = PRETRAIN if "encoder" not in kind else "scratch"
    return Config(network=network, training=TrainingConfig(stage=stage))


def _state_of(
    name: str, states: Mapping[str, StateDict], averaged: bool = False
) -> StateDict:
    stem = STEM_OF[name]
    wanted, other = stem, stem + AVERAGED
    if averaged:
        wanted, other = other, wanted
    return states.get(wanted) or states[other]


def _load(
    kind: tuple[str, ...], config: NetworkConfig, states: dict[str, StateDict]
) -> _Loaded:
    """Builds and fills the live networks and the averaged ones."""
    keras.config.set_dtype_policy("float32")
    message: dict[tuple[str, str], str] = {}

    def filled(name: str, averaged: bool) -> keras.Model:
        network = build_network(name, config)
        state = _state_of(name, states, averaged)
        unused = assign_state_dict(network, state)
        message[name, state.file] = _told(name, network, state, unused)
        return network

    items: dict[str, Any] = {
        name: variables_by_path(filled(name, False).weights) for name in kind
    }
    averages = [
        filled(name, True) for name in _FAMILY.translating if name in kind
    ]
    averaged = Translator(*averages) if len(averages) > 1 else averages[0]
    items["averaged"] = variables_by_path(averaged.weights)
    items["step"] = tf.Variable(0, dtype=tf.int64, name="step")
    return _Loaded(items, list(message.values()))


def _told(
    name: str, network: keras.Model, state: StateDict, unused: list[str]
) -> str:
    """One line on a file: every name of it, and every weight of ours."""
    count, weights = len(state.tensors), len(network.weights)
    logs = [entry.name for entry in upstream_logs(network)]
    left = sum(name not in state.tensors for name in logs)
    parts = [
        f"{state.file}: {count - len(unused)} of {count} tensors make "
        f"{weights - left} of the {weights} weights of the {name}"
    ]
    if left:
        parts.append("the others are sigma, which a training step measures")
    if state.notes:
        parts.append(f"read {', '.join(state.notes)}")
    if unused:
        parts.append(f"unused: {', '.join(unused)}")
    return f"{'; '.join(parts)}."


def _headline(kind: tuple[str, ...], config: NetworkConfig) -> str:
    attention = ", ".join(map(str, config.attention_resolutions)) or "no size"
    facts = (
        f"of {config.resolution} pixels: ch {config.ch}, "
        f"{config.num_classes} classes, dim_z {config.dim_z}, shared_dim "
        f"{config.shared_dim}, attention at {attention}"
    )
    if "encoder" not in kind:
        return f"BigGAN {facts}."
    w_l = ", ".join(map(str, config.injection_weights))
    return f"DeepI2I {facts}; w_l {w_l} by --injection_weights."
