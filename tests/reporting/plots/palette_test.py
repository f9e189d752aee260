import numpy as np
import pytest
from PIL import ImageColor

from deepi2i_tf.reporting.plots.palette import in_shades
from deepi2i_tf.reporting.plots.themes import DARK, LIGHT


def _drawn(colours, theme):
    pixels = np.array(colours, np.uint8)[None]
    return np.asarray(in_shades(pixels, theme).convert("RGB"))[0].astype(int)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_colour_of_the_theme_stays_itself(theme):
    names = (theme.ink, theme.muted, theme.grid, *theme.lines)
    colours = [ImageColor.getrgb(name) for name in names]
    # Half of a step of the look-up, and half of a step between two shades.
    assert np.abs(_drawn(colours, theme) - colours).max() <= 12
    surface = ImageColor.getrgb(theme.surface)
    assert (_drawn([surface], theme) == surface).all()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_soft_edges_stay_soft(theme):
    surface, line = (
        np.array(ImageColor.getrgb(name))
        for name in (theme.surface, theme.lines[0])
    )
    parts = np.linspace(0, 1, 9)[:, None]
    edge = surface + parts * (line - surface)
    assert np.abs(_drawn(edge, theme) - edge).max() <= 20


def test_the_palette_fits_a_byte():
    pixels = np.random.default_rng(0).integers(0, 256, (9, 9, 3), np.uint8)
    image = in_shades(pixels, LIGHT)
    assert image.mode == "P"
    assert len(image.getpalette()) == 3 * 162
