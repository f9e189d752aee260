import dataclasses

import numpy as np
import pytest
from matplotlib.colors import to_hex

from deepi2i_tf.reporting.plots import charts
from deepi2i_tf.reporting.plots.charts import Chart, Line
from deepi2i_tf.reporting.plots.figure import MUTED, SERIES

STEPS = np.arange(100)
SINE = np.sin(STEPS / 9)


def _axes(*lines, **options):
    figure = charts.draw_chart(Chart("c", "Losses", lines, **options))
    figure.canvas.draw()
    return figure.axes[0]


def _colours(axes):
    return [line.get_color() for line in axes.lines]


def test_lines_are_drawn_in_the_colours_of_the_page():
    first = Line("first", STEPS, SINE, smooth=True)
    second, background = Line("second", STEPS, SINE + 3), Line("", STEPS, SINE)
    axes = _axes(first, second, background)
    assert _colours(axes) == [SERIES[0], SERIES[0], SERIES[1], MUTED]
    assert axes.lines[0].get_alpha() < 1
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), SINE)
    legend = axes.figure.legends[0]
    assert [text.get_text() for text in legend.texts] == ["first", "second"]


def test_a_line_without_values_keeps_its_colour_from_the_next():
    nothing = Line("nothing", STEPS[:0], np.zeros(0))
    assert _colours(_axes(nothing, Line("line", STEPS, SINE))) == [SERIES[1]]


def test_more_lines_than_colours_begin_again():
    lines = [Line(f"{n}", STEPS, SINE + n) for n in range(7)]
    assert _colours(_axes(*lines)) == [*SERIES, SERIES[0]]


def test_names_that_are_no_formulas_are_drawn_as_they_stand():
    odd = Line("50 $ of \\frac{ $x", STEPS, STEPS * 1.0)
    axes = _axes(odd, Line("\u732b", STEPS, STEPS * 2.0))
    texts = [text.get_text() for text in axes.figure.legends[0].texts]
    assert texts == [r"50 \$ of \frac{ \$x", "?"]


def test_one_spike_does_not_flatten_a_run():
    # 1000 rows, so that one of them is beyond the 99.5th percentile.
    steps = np.arange(1000)
    values = np.sin(steps / 50)
    values[500] = 1e6
    low, high = _axes(Line("a", steps, values)).get_ylim()
    assert -1.3 < low < -1 and 1 < high < 1.3


def test_long_lines_are_thinned_and_keep_their_last_point():
    steps = np.arange(5000)
    (line,) = _axes(Line("a", steps, np.sin(steps / 50))).lines
    assert len(line.get_xdata()) == 500
    assert line.get_xdata()[-1] == 4999


@pytest.mark.parametrize("values", [[5.0], [0.0, 0.0], [1e-4, 1e-4, 1e-4]])
def test_constant_and_single_values_are_drawn(values):
    axes = _axes(Line("a", np.arange(len(values)), np.array(values)))
    low, high = axes.get_ylim()
    assert low < values[0] < high
    assert axes.lines[0].get_marker() == "o"


@pytest.mark.parametrize("log, scale", [(False, "linear"), (True, "log")])
def test_wide_values_stand_on_a_logarithmic_axis(log, scale):
    line = Line("a", STEPS, 10.0 ** (STEPS / 20))
    assert _axes(line, log=log).get_yscale() == scale


def test_states_are_a_strip_above_the_lines():
    states = Line(
        "", np.array([20, 40, 60, 80]), np.array([0.0, 0.0, 3.0, 2.0])
    )
    axes = _axes(Line("a", STEPS, SINE), states=states)
    drawn = [
        (area.get_facecolor()[0], area.get_paths()[0].get_extents())
        for area in axes.collections
    ]
    expected = [(0, 40, charts.STATE_COLOURS[0])]
    expected += [(40, 60, charts.STATE_COLOURS[3])]
    expected += [(60, 80, charts.STATE_COLOURS[2])]
    for (colour, box), (first, end, name) in zip(drawn, expected, strict=True):
        assert (box.x0, box.x1, box.y1) == (first, end, 1.0)
        assert to_hex(colour) == name.lower()


def test_published_charts_bring_their_sentence(tmp_path):
    lines = [Line("real", STEPS, STEPS / 9.0), Line("", STEPS, STEPS * 1.0)]
    chart = Chart("loss", "Loss <D>", lines, "Lower & better.")
    assert chart.alt == "Loss <D> over steps: real ends at 11"
    quiet = dataclasses.replace(chart, slug="quiet", reading="")
    first, second = charts.publish_charts([chart, quiet], str(tmp_path))
    assert (first.reading, second.reading) == ("Lower & better.", "")
    assert "Loss &lt;D&gt; over steps" in first.svg
    names = sorted(path.name for path in (tmp_path / "plots").iterdir())
    assert names == ["loss.png", "quiet.png"]


def test_running_means_use_what_there_is_at_the_ends():
    values = np.array([1.0, 2.0, 6.0, 3.0])
    np.testing.assert_allclose(
        charts.running_mean(values, 3), [1.5, 3.0, 11 / 3, 4.5]
    )
    np.testing.assert_array_equal(charts.running_mean(values, 1), values)
