"""Every flag of the commands, and the way from flags to a `Config`.

The only file that imports absl.flags. A command calls `define`, `command.run`
parses, and the command reads its Config or options by `read`. Flags live in a
FlagValues of our own, so that flags which other packages define neither clash
with ours nor show up in `--help`. Flagfiles are put in their places before
absl sees them (`utils.flagfiles`).
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeVar, get_type_hints

from absl import flags

from deepi2i_tf import config
from deepi2i_tf.cli import flag_schema
from deepi2i_tf.config import commands
from deepi2i_tf.config.evaluate import EvaluateOptions
from deepi2i_tf.config.flag_text import parse_value
from deepi2i_tf.utils import flagfiles, process
from deepi2i_tf.utils.errors import WrongFlags

Options = TypeVar("Options")

_TRAINING = {
    "command": commands.TrainOptions,
    **{
        field.name: field.default_factory
        for field in dataclasses.fields(config.Config)
    },
}
# Dataclasses by heading of --help, for each command.
_COMMANDS: dict[str, dict[str, type]] = {
    "train": _TRAINING,
    "pretrain": _TRAINING,
    "evaluate": {"evaluation": EvaluateOptions},
    "translate": {"translation": commands.TranslateOptions},
    "serve": {"server": commands.ServeOptions},
    "export": {"export": commands.ExportOptions},
    "convert": {"conversion": commands.ConvertOptions},
}
_VALUES = flags.FlagValues()
_GROUPS: dict[str, tuple[flag_schema.FlagField, ...]] = {}


class _Parser(flags.ArgumentParser):
    """Values of one kind."""

    def __init__(self, kind: type):
        self._kind = kind

    def parse(self, argument: Any) -> Any:
        return parse_value(self._kind, argument)


def define(command: str) -> None:
    """Replaces the defined flags by those of a command."""
    for name in list(_VALUES):
        delattr(_VALUES, name)
    _GROUPS.clear()
    defaults = {"stage": "pretrain"} if command == "pretrain" else {}
    for group, section in _COMMANDS[command].items():
        _GROUPS[group] = flag_schema.fields_of(section, defaults)
        for field in _GROUPS[group]:
            flag = field.name, field.default, field.help
            where = {"flag_values": _VALUES, "module_name": group}
            if field.kind is bool:
                flags.DEFINE_boolean(*flag, **where)
            else:
                flags.DEFINE(_Parser(field.kind), *flag, **where)


def parse(arguments: Sequence[str]) -> None:
    """Parses a command line into the defined flags.

    Raises:
        WrongFlags: an unknown flag, a value that does not parse, a flagfile
            that cannot be read, or an argument that is no flag.
    """
    _VALUES.unparse_flags()
    try:
        left = _VALUES(["command", *flagfiles.expand(arguments)])[1:]
    except (flags.Error, ValueError) as error:
        raise WrongFlags(" ".join(str(error).split())) from error
    if left:
        raise WrongFlags(
            f"Expected flags only. Received: {' '.join(left)}. "
            "Write --name=value."
        )


def help_text() -> str:
    """The defined flags in groups, 80 columns wide."""
    return process.list_flags(
        {
            group: [
                (f"{field.name}={flag_schema.KINDS[field.kind]}", field.help)
                for field in fields
            ]
            for group, fields in _GROUPS.items()
        }
    )


def read(options: type[Options]) -> Options:
    """The value of a dataclass, and of those that it holds, by parsed flags.

    Raises:
        WrongFlags: a value is out of range; the sentence is the dataclass'.
    """
    kinds = get_type_hints(options)
    values = {}
    for field in dataclasses.fields(options):
        if dataclasses.is_dataclass(kinds[field.name]):
            values[field.name] = read(kinds[field.name])
        elif "help" in field.metadata:
            values[field.name] = _VALUES[field.name].value
    try:
        return options(**values)
    except ValueError as error:
        raise WrongFlags(str(error)) from error


def config_of_command(name: str) -> config.Config:
    """The `Config` of `train` or `pretrain`, whose stage must be its own.

    Raises:
        WrongFlags: a value is out of range, or the stage another command's.
    """
    made = read(config.Config)
    stage = made.training.stage
    own = flag_schema.command_of(stage)
    if own != name:
        raise WrongFlags(
            f"Expected --stage to be one of {name}'s. Received: "
            f"stage={stage}. Run python -m deepi2i_tf.{own} for it."
        )
    return made
