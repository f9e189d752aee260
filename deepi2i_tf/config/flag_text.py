"""Flags as text: their values, and the `Config` of a flagfile. No absl.

`cli.flags` parses command lines by the same values.
"""

import dataclasses
import difflib
import math
import os
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from deepi2i_tf.utils.errors import UserError, WrongFlags
from deepi2i_tf.utils.flagfiles import expand

_BOOLEANS = {
    **dict.fromkeys(("true", "t", "1"), True),
    **dict.fromkeys(("false", "f", "0"), False),
}


def parse_value(kind: type, argument: Any) -> Any:
    """The value of a flag from its text; a value stays as it is.

    Raises:
        ValueError: the text is none of this kind.
    """
    if typing.get_origin(kind) is tuple:
        if isinstance(argument, str):
            argument = argument.split(",") if argument else []
        each = typing.get_args(kind)[0]
        return tuple(parse_value(each, part) for part in argument)
    if kind is str:
        return _one_line(os.fspath(argument))
    if kind is bool:
        return _boolean(argument)
    try:
        number = kind(argument)
    except (TypeError, ValueError):
        number = math.nan
    # `int` would cut a fraction off without a word.
    if isinstance(argument, float) and number != argument:
        number = math.nan
    if not math.isfinite(number):
        noun = "a whole number" if kind is int else "a finite number"
        raise ValueError(
            f"Expected {noun}. Received: {argument!r}. Correct it."
        )
    return number


def _one_line(argument: str) -> str:
    """Text that survives a flagfile: one line, no blanks at its ends."""
    if argument != argument.strip() or len(argument.splitlines()) > 1:
        raise ValueError(
            "Expected one line without blanks at its ends. "
            f"Received: {argument!r}. Remove them."
        )
    return argument


def _boolean(argument: Any) -> bool:
    value = _BOOLEANS.get(str(argument).lower())
    if value is None:
        raise ValueError(
            f"Expected true or false. Received: {argument!r}. Correct it."
        )
    return value


def sections_from_flagfile(
    path: str, sections: Mapping[str, type], overrides: Mapping[str, Any]
) -> dict[str, Any]:
    """Dataclasses by the flags of a flagfile.

    Args:
        path: the flagfile.
        sections: dataclasses by name; the flags of no two are named alike.
        overrides: values of flags, which count in place of the file's.

    Raises:
        UserError: the file cannot be read, a flag is unknown, a value is wrong.
    """
    kinds = {
        flag: (name, kind)
        for name, section in sections.items()
        for flag, kind in typing.get_type_hints(section).items()
    }
    try:
        values = _parsed(expand([f"--flagfile={path}"]), kinds)
        for flag, value in overrides.items():
            _require_known(flag, kinds)
            values[flag] = parse_value(kinds[flag][1], value)
        return {
            name: section(
                **{
                    field.name: values[field.name]
                    for field in dataclasses.fields(section)
                    if field.name in values
                }
            )
            for name, section in sections.items()
        }
    except (WrongFlags, TypeError, ValueError) as error:
        raise UserError(f"{path}: {error}") from error


def _parsed(
    lines: Iterable[str], kinds: Mapping[str, tuple[str, type]]
) -> dict[str, Any]:
    """Values of lines `--flag=value`, `--flag value` and `--noflag`."""
    values, left = {}, iter(lines)
    for line in left:
        flag, equals, text = line.lstrip("-").partition("=")
        if not equals and " " in flag:
            flag, _, text = flag.partition(" ")
            equals = " "
        off = flag.removeprefix("no")
        if flag not in kinds and kinds.get(off, ("", None))[1] is bool:
            flag, equals, text = off, "=", "false"
        _require_known(flag, kinds)
        kind = kinds[flag][1]
        if not equals:
            text = "true" if kind is bool else next(left, "")
        try:
            values[flag] = parse_value(kind, text)
        except ValueError as error:
            raise ValueError(f"--{flag}={text}: {error}") from error
    return values


def _require_known(flag: str, kinds: Mapping[str, Any]) -> None:
    if flag not in kinds:
        near = difflib.get_close_matches(flag, kinds, 1)
        fix = f"Use {near[0]}." if near else "Take it out."
        raise ValueError(f"Expected flags of training. Received: {flag}. {fix}")
