"""Factors of whole numbers."""

import math


def squarest(count: int) -> tuple[int, int]:
    """Rows and columns of the squarest matrix with so many entries.

    Example:
        >>> squarest(48)
        (6, 8)
    """
    rows = math.isqrt(count)
    while count % rows:
        rows -= 1
    return rows, count // rows
