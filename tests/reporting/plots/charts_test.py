import io

import matplotlib
import numpy as np
import pytest
from matplotlib import _pylab_helpers
from PIL import Image, ImageColor

from deepi2i_tf.reporting.plots import charts
from deepi2i_tf.reporting.plots.charts import Chart, Line
from deepi2i_tf.reporting.plots.themes import DARK, LIGHT

STEPS = np.arange(100)


def _pixels(png):
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def _near(pixels, colour, within=40):
    wanted = np.array(ImageColor.getrgb(colour))
    return int((np.abs(pixels - wanted).max(axis=-1) < within).sum())


def _chart(*lines, **options):
    return Chart("c", "Losses", lines, **options)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_lines_are_drawn_in_the_colours_of_the_theme(theme):
    first = Line("first", STEPS, np.sin(STEPS / 9))
    second = Line("second", STEPS, np.cos(STEPS / 9) + 3)
    pixels = _pixels(charts.draw_chart(_chart(first, second), theme))
    assert pixels.shape == (580, 880, 3)
    assert _near(pixels, theme.surface, 1) > 0.8 * 580 * 880
    assert _near(pixels, theme.lines[0]) > 500
    assert _near(pixels, theme.lines[1]) > 500
    # No third line; other colours lie too near to blends of these two.
    assert _near(pixels, theme.lines[2]) < 50


def test_a_line_without_values_keeps_its_colour_from_the_next():
    nothing = Line("nothing", STEPS[:0], np.zeros(0))
    line = Line("line", STEPS, np.sin(STEPS / 9))
    pixels = _pixels(charts.draw_chart(_chart(nothing, line), LIGHT))
    assert _near(pixels, LIGHT.lines[0]) == 0
    assert _near(pixels, LIGHT.lines[1]) > 500


def test_names_that_are_no_formulas_are_drawn_as_they_stand():
    odd = Line("50 $ of \\frac{ $x", STEPS, STEPS * 1.0)
    other = Line("\u732b", STEPS, STEPS * 2.0)
    chart = Chart("c", "$\u732b_{", [odd, other])
    assert charts.draw_chart(chart, LIGHT).startswith(b"\x89PNG")
    assert charts.printable("a $b$ \u732b") == r"a \$b\$ ?"


def test_one_spike_does_not_flatten_a_run():
    # 1000 rows, so that one of them is beyond the 99.5th percentile.
    steps = np.arange(1000)
    values = np.sin(steps / 50)
    spiked = values.copy()
    spiked[500] = 1e6
    calm, wild = (
        _pixels(charts.draw_chart(_chart(Line("a", steps, v)), LIGHT))
        for v in (values, spiked)
    )
    ink = [
        np.flatnonzero(
            (np.abs(p - ImageColor.getrgb(LIGHT.lines[0])).max(-1) < 40).any(1)
        )
        for p in (calm, wild)
    ]
    heights = [rows.max() - rows.min() for rows in ink]
    assert heights[1] > 0.8 * heights[0]


@pytest.mark.parametrize("values", [[5.0], [0.0, 0.0], [1e-4, 1e-4, 1e-4]])
def test_constant_and_single_values_are_drawn(values):
    line = Line("a", np.arange(len(values)), np.array(values))
    assert charts.draw_chart(_chart(line), DARK)


def test_wide_values_stand_on_a_logarithmic_axis():
    line = Line("a", STEPS, 10.0 ** (STEPS / 20))
    linear, log = (
        charts.draw_chart(_chart(line, log=log), LIGHT) for log in (False, True)
    )
    assert linear != log


def test_running_means_use_what_there_is_at_the_ends():
    values = np.array([1.0, 2.0, 6.0, 3.0])
    np.testing.assert_allclose(
        charts.running_mean(values, 3), [1.5, 3.0, 11 / 3, 4.5]
    )
    np.testing.assert_array_equal(charts.running_mean(values, 1), values)


def test_nothing_of_pyplot_moves():
    before = dict(matplotlib.rcParams)
    charts.draw_chart(_chart(Line("a", STEPS, STEPS * 1.0)), DARK)
    assert dict(matplotlib.rcParams) == before
    assert not _pylab_helpers.Gcf.figs
