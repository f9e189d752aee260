"""Flags that follow from `config.fields.option`: kind, default, help; no absl.

A flag's kind follows from its field's type, its help from what the option
means, its bound and its default.
"""

import dataclasses
import typing
from collections.abc import Mapping

from deepi2i_tf import config

KINDS = {
    str: "TEXT",
    int: "N",
    float: "X",
    bool: "true|false",
    tuple[int, ...]: "N,N,...",
    tuple[float, ...]: "X,X,X,X",
    tuple[str, ...]: "NAME,NAME,...",
}


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
    """The flags of a dataclass and of those that it holds, in its order.

    Args:
        section: a dataclass; its fields that are no `config.fields.option`
            and no dataclass are no flags.
        defaults: those of a command that has others, by field.
    """
    kinds = typing.get_type_hints(section)
    made: list[FlagField] = []
    for field in dataclasses.fields(section):
        kind = kinds[field.name]
        if dataclasses.is_dataclass(kind):
            made += fields_of(kind, defaults)
        elif "help" in field.metadata:
            default = (defaults or {}).get(field.name, field.default)
            sentences = (
                field.metadata["help"],
                field.metadata["bound"].text,
                f"Default: {value_text(default) or 'empty'}",
            )
            text = "".join(f"{each}. " for each in sentences if each)
            made.append(FlagField(field.name, kind, default, text.rstrip()))
    return tuple(made)


def command_of(stage: str) -> str:
    """The command that trains a stage."""
    return "pretrain" if stage == "pretrain" else "train"


def flagfile_text(experiment: config.Config) -> str:
    """A flagfile that says all of a Config, one comment per section."""
    module = f"deepi2i_tf.{command_of(experiment.training.stage)}"
    lines = [f"# Written by {module}. Runs this experiment again:"]
    lines.append(f"# python -m {module} --flagfile=THIS_FILE")
    for name, values in experiment.to_dict().items():
        lines.append(f"# {name}")
        for flag, value in values.items():
            lines.append(f"--{flag}={value_text(value)}")
    return "\n".join(lines) + "\n"
