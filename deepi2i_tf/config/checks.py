"""Bounds of configuration values; each error names its flag in one sentence."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True)
class Bound:
    """Which values a flag may have.

    Args:
        text: the bound in `--help`, without a full stop.
        check: called with flag and value; raises `ValueError`.
    """

    text: str
    check: Callable[[str, Any], None]


def require(condition: bool, expected: str, received: str, fix: str) -> None:
    """Raises `ValueError` of one sentence unless the condition holds."""
    if not condition:
        raise ValueError(f"Expected {expected}. Received: {received}. {fix}")


def named(example: str) -> Bound:
    """Text that is not empty; the example is one of the flag."""

    def check(flag: str, value: str) -> None:
        fix = f"Use for example --{flag}={example}."
        require(bool(value), f"--{flag}", "nothing", fix)

    return Bound("", check)


def choice(
    choices: tuple, unit: str = "", fix: str = "Choose one of them."
) -> Bound:
    """One of some values; the unit follows the list of them."""
    listed = ", ".join(map(str, choices))

    def check(flag: str, value: Any) -> None:
        expected = f"--{flag} to be one of {listed}{unit}"
        require(value in choices, expected, f"{flag}={value!r}", fix)

    return Bound(f"One of {listed}", check)


def each_of(choices: tuple, text: str = "") -> Bound:
    """Values that are among the choices, each of them."""
    names = tuple(map(str, choices))
    one = choice(names)

    def check(flag: str, values: tuple) -> None:
        for value in values:
            one.check(flag, str(value))

    return Bound(text or f"Of {', '.join(names)}", check)


def at_least(least: float) -> Bound:
    """A finite number that is not smaller."""

    def check(flag: str, value: float) -> None:
        require(
            least <= value < math.inf,
            f"--{flag} to be at least {least} and finite",
            f"{flag}={value}",
            f"Use {least} or more.",
        )

    return Bound(f"At least {least:g}", check)


def above_zero(example: str) -> Bound:
    """A number above 0, such as the example."""

    def check(flag: str, value: float) -> None:
        require(
            value > 0.0,
            f"--{flag} to be above 0",
            f"{flag}={value}",
            f"Use for example {example}.",
        )

    return Bound("Above 0", check)


def below(bound: float) -> Bound:
    """A number in [0, bound)."""

    def check(flag: str, value: float) -> None:
        require(
            0.0 <= value < bound,
            f"--{flag} to be in [0, {bound})",
            f"{flag}={value}",
            "Choose a value in that range.",
        )

    return Bound(f"In [0, {bound:g})", check)


def fraction() -> Bound:
    """A number in [0, 1]."""

    def check(flag: str, value: float) -> None:
        require(
            0.0 <= value <= 1.0,
            f"--{flag} to be in [0, 1]",
            f"{flag}={value}",
            "Choose a value in that range.",
        )

    return Bound("In [0, 1]", check)


def _two_steps(flag: str, value: tuple[int, ...]) -> None:
    require(
        len(value) == 2 and 0 <= value[0] <= value[1],
        f"--{flag} to be two steps, the second not before the first",
        f"{flag}={','.join(map(str, value))}",
        "Write for example 500,1000, or 0,0.",
    )


RAMP = Bound("Two steps", _two_steps)


def one_each(sizes: tuple[int, ...], text: str) -> Bound:
    """One number, 0 or more, for each map size in pixels."""
    least = at_least(0.0)

    def check(flag: str, values: tuple[float, ...]) -> None:
        require(
            len(values) == len(sizes),
            f"--{flag} to be {len(sizes)} numbers, for "
            f"{', '.join(map(str, sizes))} pixels",
            f"{list(values)}",
            "Write them with commas.",
        )
        for value in values:
            least.check(flag, value)

    return Bound(text, check)
