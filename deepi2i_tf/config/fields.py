"""A flag's default, help and bound, in the field of its dataclass.

    @dataclasses.dataclass(frozen=True)
    class TrainingConfig(Options):
        steps: int = option(100_000, "Optimizer steps", at_least(1))

From the field follow the check of the value, the flag, its help and its line
in a flagfile (`cli.flag_schema`). A dataclass may hold others: their flags
stand among its own. Checks between fields are the dataclass' own code.
"""

import dataclasses
from typing import Any

from deepi2i_tf.config.checks import Bound

_NO_BOUND = Bound("", lambda flag, value: None)


def option(default: Any, help: str, bound: Bound = _NO_BOUND) -> Any:
    """A dataclass field that is a flag.

    Args:
        default: plain value when the flag is not given.
        help: what it means, without a full stop; `--help` adds bound and
            default.
        bound: which values are allowed.
    """
    metadata = {"help": help, "bound": bound}
    return dataclasses.field(default=default, metadata=metadata)


class Options:
    """Base of a frozen dataclass of `option` fields; checks their bounds."""

    def __post_init__(self) -> None:
        check_fields(self)


def check_fields(options: Any) -> None:
    """Raises `ValueError` for the first field that is out of its bound."""
    for field in dataclasses.fields(options):
        if bound := field.metadata.get("bound"):
            bound.check(field.name, getattr(options, field.name))
