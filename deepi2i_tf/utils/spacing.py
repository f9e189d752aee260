"""Evenly spaced picks, for sheets and grids that cannot show everything."""

import numpy as np


def evenly_spaced(count: int, most: int) -> np.ndarray:
    """Picks up to `most` of the whole numbers in [0, count), evenly.

    Returns:
        int, (min(count, most),), rising; the first and last are among them.
    """
    return np.linspace(0, count - 1, min(count, most)).round().astype(int)
