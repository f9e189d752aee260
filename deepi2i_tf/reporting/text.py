"""Formats numbers for the pages; what is missing becomes a dash."""

import math
from typing import Any

NOTHING = "-"


def is_number(value: Any) -> bool:
    """Whether a value is a finite number; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value)


def as_number(cell: Any) -> float | None:
    """The finite number in a cell of a CSV file, or None."""
    try:
        value = float(cell)
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


def percent(fraction: Any) -> str:
    """A fraction in [0, 1] as the paper prints it: `"49.5"`."""
    return f"{100 * fraction:.1f}" if is_number(fraction) else NOTHING


def distance(value: Any) -> str:
    """A distance as the paper prints it: `"157.7"`, `"5.78"`, `"0.0312"`."""
    if not is_number(value):
        return NOTHING
    if abs(value) >= 10:
        return f"{value:,.1f}"
    if abs(value) >= 1 or value == 0:
        return f"{value:.2f}"
    return f"{value:.3f}" if abs(value) >= 0.1 else f"{value:.3g}"


def decimals(value: Any) -> str:
    """A number around 1, such as R^2, with three decimals."""
    return f"{value:.3f}" if is_number(value) else NOTHING


def plain(value: Any) -> str:
    """Any value of a protocol, a configuration or an unknown metric.

    Whole numbers keep all digits, others four significant ones; sequences
    are joined by commas.
    """
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else f"{value}"
    if isinstance(value, float):
        whole = math.isfinite(value) and value == int(value)
        return plain(int(value)) if whole else f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(plain, value)) or NOTHING
    return str(value)


def counted(number: int, thing: str) -> str:
    """`"1 class"`, `"2 classes"`, `"3 sources"`."""
    if number == 1:
        return f"1 {thing}"
    return f"{number:,} {thing}{'es' if thing.endswith('s') else 's'}"
