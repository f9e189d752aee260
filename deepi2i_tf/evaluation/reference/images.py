"""What the judge sees of an image: shrunk, as floats, and augmented."""

import numpy as np

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig


def judge_resolution(resolution: int, recipe: ReferenceTrainingConfig) -> int:
    """Side of the judge's images for images of the given side."""
    return min(resolution, recipe.max_resolution)


def to_floats(images: np.ndarray) -> np.ndarray:
    """Inverse of `to_uint8`.

    Args:
        images: uint8, (batch, height, width, 3).

    Returns:
        float32, the same shape, in [-1, 1].
    """
    return images.astype(np.float32) / np.float32(127.5) - np.float32(1.0)


def shrink(images: np.ndarray, resolution: int) -> np.ndarray:
    """Averages square images down to the judge's side.

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


def augment(
    images: np.ndarray,
    recipe: ReferenceTrainingConfig,
    generator: np.random.Generator,
    move: bool,
) -> np.ndarray:
    """Changes a batch as real images of one class may differ.

    Args:
        images: uint8, (batch, side, side, 3).
        recipe: how far each change may go.
        generator: source of every random number.
        move: also mirror and shift; not for poses, which that would change.

    Returns:
        float32, the same shape; values may leave [-1, 1] a little.
    """
    batch = len(images)
    if move:
        images = _flip_and_shift(images, recipe, generator)
    x = to_floats(images)
    gain = generator.uniform(-1.0, 1.0, (batch, 1, 1, 1)) * recipe.max_gain
    tint = generator.uniform(-1.0, 1.0, (batch, 1, 1, 3)) * recipe.max_tint
    return x * (1.0 + gain).astype(np.float32) + tint.astype(np.float32)


def _flip_and_shift(
    images: np.ndarray,
    recipe: ReferenceTrainingConfig,
    generator: np.random.Generator,
) -> np.ndarray:
    batch, side = images.shape[:2]
    reach = max(1, round(recipe.max_shift * side))
    line = np.arange(side)
    offsets = generator.integers(-reach, reach + 1, (2, batch, 1))
    rows, columns = np.clip(line + offsets, 0, side - 1)
    mirrored = generator.random((batch, 1)) < 0.5
    columns = np.where(mirrored, side - 1 - columns, columns)
    examples = np.arange(batch)[:, None, None]
    return images[examples, rows[:, :, None], columns[:, None, :]]
