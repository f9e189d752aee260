"""Large images averaged down for the reference networks."""

import numpy as np


def shrink(images: np.ndarray, resolution: int) -> np.ndarray:
    """Averages square images down to a smaller side.

    Args:
        images: uint8, (batch, side, side, 3), side at least `resolution`.
        resolution: side of the result.

    Returns:
        uint8, (batch, resolution, resolution, 3).
    """
    batch, side = images.shape[:2]
    if side == resolution:
        return images
    factor, rest = divmod(side, resolution)
    if rest:
        shares = _area_shares(side, resolution)
        small = np.einsum(
            "yi,xj,bijc->byxc", shares, shares, images, optimize=True
        )
    else:
        shape = (batch, resolution, factor, resolution, factor, 3)
        small = images.reshape(shape).mean(axis=(2, 4), dtype=np.float32)
    return np.rint(small).astype(np.uint8)


def _area_shares(side: int, resolution: int) -> np.ndarray:
    """What each pixel adds to each larger one, (resolution, side)."""
    edges = np.arange(resolution + 1) * (side / resolution)
    pixels = np.arange(side)
    left = np.maximum(edges[:-1, None], pixels)
    right = np.minimum(edges[1:, None], pixels + 1)
    return np.maximum(right - left, 0.0) * (resolution / side)
