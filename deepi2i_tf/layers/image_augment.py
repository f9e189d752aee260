"""Differentiable augmentation of what a discriminator sees.

DiffAugment (arXiv 2006.10738): every image that reaches D, real or fake, is
shifted, partly covered or recoloured at random, and gradients pass. Random
numbers are given, so that a source and its translation can meet the same
transform.
"""

from keras import ops

KINDS = ("color", "translation", "cutout")
# Uniform numbers in [0, 1) that one image takes; the last decides whether it
# is changed at all.
NUM_DRAWS = 8
_SHIFT = 1 / 8
_CUTOUT = 1 / 2


def augment(images, draws, kinds, probability=1.0):
    """Applies the kinds in the order of `KINDS`.

    Args:
        images: float32 (batch, R, R, 3) in [-1, 1].
        draws: float32 (batch, `NUM_DRAWS`), uniform in [0, 1).
        kinds: some of `KINDS`.
        probability: of an image to be changed at all, in [0, 1].

    Returns:
        Of the shape of `images`; colours may leave [-1, 1].
    """
    changed = images
    for kind in KINDS:
        if kind in kinds:
            changed = _FUNCTIONS[kind](changed, draws)
    if isinstance(probability, float) and probability == 1.0:
        return changed
    chosen = draws[:, -1, None, None, None] < probability
    return ops.where(chosen, changed, images)


def color(images, draws):
    """Brightness + U(-.5, .5), saturation x U(0, 2), contrast x U(.5, 1.5)."""
    brightness, saturation, contrast = (
        draws[:, index, None, None, None] for index in range(3)
    )
    images = images + brightness - 0.5
    grey = ops.mean(images, axis=-1, keepdims=True)
    images = grey + (images - grey) * (2.0 * saturation)
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return mean + (images - mean) * (0.5 + contrast)


def translation(images, draws):
    """Shifts by whole pixels, up to an eighth of the side; zeros come in."""
    size = images.shape[1]
    most = int(size * _SHIFT + 0.5)
    # A product with a matrix of ones and zeros: its gradient is one, too,
    # where that of a gather adds up in an order of its own on a GPU.
    rows = _shifted(draws[:, 3], size, most)
    columns = _shifted(draws[:, 4], size, most)
    images = ops.einsum("bij,bjkc->bikc", rows, images)
    return ops.einsum("bij,bkjc->bkic", columns, images)


def cutout(images, draws):
    """Zeros in a square of half the side, wherever its middle lies."""
    size = images.shape[1]
    side = int(size * _CUTOUT + 0.5)
    rows = _outside(draws[:, 5], size, side)[:, :, None, None]
    columns = _outside(draws[:, 6], size, side)[:, None, :, None]
    return images * ops.maximum(rows, columns)


_FUNCTIONS = {"color": color, "translation": translation, "cutout": cutout}


def _shifted(draw, size: int, most: int):
    """(batch, size, size): row i takes row i - t, t whole in [-most, most]."""
    shift = ops.floor(draw * (2 * most + 1)) - most
    index = ops.arange(size, dtype=draw.dtype)
    taken = index[None, :, None] - shift[:, None, None]
    return ops.cast(ops.equal(taken, index[None, None, :]), draw.dtype)


def _outside(draw, size: int, side: int):
    """(batch, size): 0 along the square, whose middle is any pixel, else 1."""
    first = ops.floor(draw * (size + 1 - side % 2)) - side // 2
    away = ops.arange(size, dtype=draw.dtype)[None] - first[:, None]
    inside = ops.logical_and(away >= 0, away < side)
    return ops.cast(ops.logical_not(inside), draw.dtype)
