"""One flag per dataclass field: its kind, default and help, without absl.

A field's help is what its dataclass says under `Args:`, its default is the
dataclass' default, and its kind follows from its type. So a value is described
once, in `config.py` or `options.py`, and nowhere else; only the bounds stand
here a second time, for the reader of `--help`, and a test holds them against
the checks of the dataclasses.
"""

import dataclasses
import inspect
import re
import typing
from collections.abc import Mapping

from deepi2i_tf import config
from deepi2i_tf.config import commands, evaluate

KINDS = {
    str: "TEXT",
    int: "N",
    float: "X",
    bool: "true|false",
    tuple[int, ...]: "N,N,...",
    tuple[float, ...]: "X,X,X,X",
    tuple[str, ...]: "NAME,NAME,...",
}
CHOICES = {
    "best_metric": config.BEST_METRICS,
    "resolution": config.RESOLUTIONS,
    "loss": config.LOSSES,
    "reconstruction": config.RECONSTRUCTIONS,
    "adaptor": config.ADAPTORS,
    "stage": config.STAGES,
    "class_rows": config.CLASS_ROWS,
    "mixed_precision": config.PRECISIONS,
    "jit_compile": config.JIT_MODES,
    "interpolate": commands.INTERPOLATIONS,
    "reals_split": evaluate.REALS_SPLITS,
    "sources": evaluate.SOURCES,
}
LEAST = {
    "adaptor_lr": 0,
    "batch_size": 1,
    "ch": 1,
    "checkpoint_every": 1,
    "dim_z": 8,
    "discriminator_lr": 0,
    "discriminator_steps": 1,
    "diversity_sources": 0,
    "diversity_z": 2,
    "encoder_lr": 0,
    "evaluate_every": 0,
    "generator_lr": 0,
    "interpolation_steps": 2,
    "keep_checkpoints": 1,
    "log_every": 1,
    "num_accumulations": 1,
    "num_images": 1,
    "num_replicas": 0,
    "num_samples": 1,
    "num_z": 1,
    "orthogonal": 0,
    "r1": 0,
    "r1_every": 1,
    "reals_per_class": 0,
    "sample_every": 0,
    "seed": 0,
    "shared_dim": 1,
    "shown": 1,
    "shuffle_buffer": 1,
    "step": 0,
    "steps": 1,
    "warmup_steps": 0,
}
_NETWORKS = ", ".join(config.NETWORKS)
OTHER_BOUNDS = {
    "attention_resolutions": "whole numbers; empty for none",
    "average_decay": "in [0, 1)",
    "beta_1": "in [0, 1)",
    "beta_2": "in [0, 1)",
    "epsilon": "above 0",
    "held_out_classes": "names of classes",
    "freeze": f"of {_NETWORKS}",
    "init_networks": f"of {_NETWORKS}",
    "injection_weights": "four numbers, at least 0",
    "num_classes": "0, or at least 2",
    "reconstruction_weights": "four numbers, at least 0",
}

_ARGUMENT = re.compile(r"^ {4}(\w+): (.*)$")


@dataclasses.dataclass(frozen=True)
class FlagField:
    """One flag.

    Args:
        name: flag and field name.
        kind: field type, a key of `KINDS`.
        default: value when the flag is not given.
        help: sentence for `--help`: meaning, bounds, default.
    """

    name: str
    kind: type
    default: typing.Any
    help: str


def argument_texts(documented: type) -> dict[str, str]:
    """What a class docstring says under `Args:`, by argument name."""
    texts: dict[str, str] = {}
    name = ""
    section = inspect.getdoc(documented).partition("\nArgs:\n")[2]
    for line in section.splitlines():
        if line and not line.startswith(" "):
            break
        if argument := _ARGUMENT.match(line):
            name, text = argument.groups()
            texts[name] = text
        elif line.strip():
            texts[name] += " " + line.strip()
    return texts


def _bounds(name: str) -> str:
    if name in CHOICES:
        return f"One of {', '.join(map(str, CHOICES[name]))}. "
    if name in LEAST:
        return f"At least {LEAST[name]}. "
    if name in OTHER_BOUNDS:
        bound = OTHER_BOUNDS[name]
        return f"{bound[0].upper()}{bound[1:]}. "
    return ""


def value_text(value: typing.Any) -> str:
    """A value as it is written behind `--flag=`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)


def fields_of(
    section: type, defaults: Mapping[str, typing.Any] | None = None
) -> tuple[FlagField, ...]:
    """The flags of one dataclass, in its order.

    Args:
        section: a dataclass whose fields all have plain defaults and stand
            under `Args:` in its docstring.
        defaults: those of a command that has others, by field.

    Returns:
        One `FlagField` per field.
    """
    kinds = typing.get_type_hints(section)
    texts = argument_texts(section)
    made = []
    for field in dataclasses.fields(section):
        text = re.sub('[`"]', "", texts[field.name]).rstrip(".")
        default = (defaults or {}).get(field.name, field.default)
        message = value_text(default) or "empty"
        made.append(
            FlagField(
                name=field.name,
                kind=kinds[field.name],
                default=default,
                help=f"{text[0].upper()}{text[1:]}. {_bounds(field.name)}"
                f"Default: {message}.",
            )
        )
    return tuple(made)


def command_of(stage: str) -> str:
    """The command that trains a stage.

    Args:
        stage: one of `config.STAGES`.
    """
    return "pretrain" if stage == "pretrain" else "train"


def flagfile_text(experiment: config.Config) -> str:
    """A flagfile that says all of a Config.

    Args:
        experiment: the configuration to write down.

    Returns:
        Lines for `--flagfile`, one comment per section.
    """
    module = f"deepi2i_tf.{command_of(experiment.training.stage)}"
    lines = [f"# Written by {module}. Runs this experiment again:"]
    lines.append(f"# python -m {module} --flagfile=THIS_FILE")
    for name, values in experiment.to_dict().items():
        lines.append(f"# {name}")
        for flag, value in values.items():
            lines.append(f"--{flag}={value_text(value)}")
    return "\n".join(lines) + "\n"
