"""Checks of configuration values; each names its flag in one sentence."""

import math


def require(condition: bool, expected: str, received: str, fix: str) -> None:
    """Refuses what does not hold, in one sentence.

    Args:
        condition: what must hold.
        expected: what was expected.
        received: what came.
        fix: what to do, as a sentence.

    Raises:
        ValueError: it does not hold.
    """
    if not condition:
        raise ValueError(f"Expected {expected}. Received: {received}. {fix}")


def choice(flag: str, value: str, choices: tuple[str, ...]) -> None:
    """Refuses a value that is not among the choices.

    Args:
        flag: name of the flag.
        value: what came.
        choices: what is allowed.

    Raises:
        ValueError: it is not among them.
    """
    if value not in choices:
        raise ValueError(
            f"Expected --{flag} to be one of {', '.join(choices)}. "
            f"Received: {flag}={value!r}. Choose one of them."
        )


def at_least(flag: str, value: float, least: float) -> None:
    """Refuses a number that is too small, infinite or none.

    Args:
        flag: name of the flag.
        value: what came.
        least: the smallest allowed.

    Raises:
        ValueError: it is below, infinite or NaN.
    """
    if not least <= value < math.inf:
        raise ValueError(
            f"Expected --{flag} to be at least {least} and finite. "
            f"Received: {flag}={value}. Use {least} or more."
        )


def below(flag: str, value: float, bound: float) -> None:
    """Refuses a number outside [0, bound).

    Args:
        flag: name of the flag.
        value: what came.
        bound: the first number that is not allowed.

    Raises:
        ValueError: it is outside.
    """
    if not 0.0 <= value < bound:
        raise ValueError(
            f"Expected --{flag} to be in [0, {bound}). "
            f"Received: {flag}={value}. Choose a value in that range."
        )


def one_each(flag: str, values: tuple[float, ...], sizes: tuple) -> None:
    """Refuses anything but one number, 0 or more, for each map size.

    Args:
        flag: name of the flag.
        values: what came.
        sizes: the map sizes, in pixels.

    Raises:
        ValueError: there are more or fewer, or a negative one.
    """
    if len(values) != len(sizes):
        raise ValueError(
            f"Expected --{flag} to be {len(sizes)} numbers, for "
            f"{', '.join(map(str, sizes))} pixels. "
            f"Received: {list(values)}. Write them with commas."
        )
    for value in values:
        at_least(flag, value, 0.0)


def map_sizes(flag: str, values: tuple[int, ...]) -> None:
    """Refuses map sizes that no network has; 0 stands for none.

    Args:
        flag: name of the flag.
        values: what came.

    Raises:
        ValueError: one is neither 0 nor a power of two from 8 to 256.
    """
    known = (0, 8, 16, 32, 64, 128, 256)
    for value in values:
        choice(flag, str(value), tuple(map(str, known)))
