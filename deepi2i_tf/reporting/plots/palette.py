"""Few colours for charts: a third of the bytes, and nothing to be seen of it.

A palette made from the picture would lose what covers few pixels, such as a
colour that only the legend shows; so it is made from the theme.
"""

import functools

import numpy as np
from PIL import Image, ImageColor

from deepi2i_tf.reporting.plots.themes import Theme

_SHADES = 18
# Colours are looked up by their upper 5 bits.
_BITS = 5


def in_shades(pixels: np.ndarray, theme: Theme) -> Image.Image:
    """Reduces a picture to shades of each colour on its way to the surface.

    Args:
        pixels: uint8, (height, width, 3).
        theme: whose colours they are. The surface itself stays exact.

    Returns:
        A picture with a palette of 162 colours.
    """
    table, palette = _nearest(theme)
    red, green, blue = (
        pixels[..., channel] >> (8 - _BITS) for channel in range(3)
    )
    chosen = table[red, green, blue]
    surface = np.array(ImageColor.getrgb(theme.surface), np.uint8)
    chosen[(pixels == surface).all(axis=-1)] = 0
    image = Image.fromarray(chosen)
    image.putpalette(palette)
    return image


@functools.cache
def _nearest(theme: Theme) -> tuple[np.ndarray, bytes]:
    """Index of the nearest shade of every colour, and the shades."""
    surface = np.array(ImageColor.getrgb(theme.surface))
    names = (theme.ink, theme.muted, theme.grid, *theme.lines)
    colours = np.array([ImageColor.getrgb(name) for name in names])
    parts = np.linspace(0.0, 1.0, _SHADES)[:, None, None]
    shades = (surface + parts * (colours - surface)).round().reshape(-1, 3)
    step = 1 << (8 - _BITS)
    ticks = np.arange(0, 256, step) + step / 2
    grid = np.stack(np.meshgrid(ticks, ticks, ticks, indexing="ij"), axis=-1)
    # |colour - shade|^2, less |colour|^2, which all shades share.
    away = np.square(shades).sum(axis=-1) - 2.0 * grid @ shades.T
    table = away.argmin(axis=-1).astype(np.uint8)
    return table, shades.astype(np.uint8).tobytes()
