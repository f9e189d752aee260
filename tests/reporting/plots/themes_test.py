import pytest
from PIL import ImageColor

from deepi2i_tf.reporting.plots.themes import DARK, LIGHT


def _luminance(colour):
    """Relative luminance of WCAG 2."""
    parts = [value / 255 for value in ImageColor.getrgb(colour)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4
        for p in parts
    ]
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one, other):
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_and_lines_stand_out_from_the_surface(theme):
    # WCAG 2 asks for 4.5 of text and 3 of graphics.
    assert _contrast(theme.ink, theme.surface) > 4.5
    for colour in theme.lines:
        assert _contrast(colour, theme.surface) > 3
    assert len(set(theme.lines)) == 6


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_ramp_leads_away_from_the_surface(theme):
    contrasts = [_contrast(colour, theme.surface) for colour in theme.ramp]
    assert theme.ramp[0] == theme.surface
    assert contrasts == sorted(contrasts)
    assert contrasts[-1] > 10
