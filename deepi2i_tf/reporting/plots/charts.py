"""Line charts: losses, metrics, sigmas and rates over steps.

Charts are small, one subject each: the page lays them out side by side or,
on a phone, one below the other.
"""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from deepi2i_tf.reporting.plots.figure import (
    GRID,
    INK,
    MUTED,
    SERIES,
    new_figure,
    printable,
    publish,
)

_SIZE = (4.4, 2.9)
# Of healthy, watch, warning and collapse: pale, grey, yellow, red.
STATE_COLOURS = (GRID, SERIES[5], SERIES[4], SERIES[1])
_POINTS = 500


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of a chart.

    Args:
        name: its name in the legend; empty keeps it in the background.
        steps: (n,), rising.
        values: float64, (n,), finite.
        smooth: draw a running mean, and the values faintly behind it.
    """

    name: str
    steps: np.ndarray
    values: np.ndarray
    smooth: bool = False


@dataclasses.dataclass(frozen=True)
class Chart:
    """What a chart shows.

    Args:
        slug: its file name without ending.
        title: above it.
        lines: at least one with a value. A line without values only keeps
            its colour from the next.
        reading: a sentence on how to read it.
        log: whether the values stand on a logarithmic axis.
        subject: what the names of its lines leave unsaid.
        states: the monitor's states over steps, a strip above the lines;
            None for none.
    """

    slug: str
    title: str
    lines: Sequence[Line]
    reading: str = ""
    log: bool = False
    subject: str = ""
    states: Line | None = None

    @property
    def alt(self) -> str:
        """What it shows, in words: its lines and where they end."""
        ends = [
            f"{line.name} ends at {line.values[-1]:.3g}"
            for line in self.lines
            if line.name and len(line.values)
        ]
        return f"{self.title} over steps: {', '.join(ends)}"


@dataclasses.dataclass(frozen=True)
class DrawnChart:
    """A chart as SVG, with its sentence."""

    svg: Markup
    reading: str


def publish_charts(charts: Sequence[Chart], folder: str) -> list[DrawnChart]:
    """Draws charts as SVG for the page in a folder, and as PNG beside it."""
    return [
        DrawnChart(
            publish(draw_chart(chart), folder, chart.slug, chart.alt),
            chart.reading,
        )
        for chart in charts
    ]


def draw_chart(chart: Chart) -> Figure:
    """Draws a chart."""
    figure = new_figure(*_SIZE, layout="constrained")
    axes = figure.add_subplot()
    colours = iter(SERIES * (1 + len(chart.lines) // len(SERIES)))
    for line in chart.lines:
        if line.name:
            colour = next(colours)
            if len(line.values):
                _draw_line(axes, line, colour)
        else:
            axes.plot(*_thinned(line), color=MUTED, lw=0.8, alpha=0.5, zorder=1)
    if chart.log:
        axes.set_yscale("log")
    else:
        _limit(axes, chart.lines)
        axes.ticklabel_format(axis="y", scilimits=(-3, 4))
    if chart.states is not None:
        _draw_states(axes, chart.states)
    _style(axes)
    axes.set_title(printable(chart.title), loc="left", color=INK, fontsize=10)
    axes.set_xlabel("step", color=INK, fontsize=8)
    _name_lines(figure, chart.lines)
    return figure


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Mean of `window` values (an even number takes one more) around each.

    At both ends, of those there are.
    """
    half = window // 2
    sums = np.concatenate([[0.0], np.cumsum(values)])
    indices = np.arange(len(values))
    first = np.maximum(indices - half, 0)
    last = np.minimum(indices + half + 1, len(values))
    return (sums[last] - sums[first]) / (last - first)


def _name_lines(figure: Figure, lines: Sequence[Line]) -> None:
    """A legend below; a single line needs none, the title says what it is."""
    named = [line for line in lines if line.name and len(line.values)]
    if named and len(lines) > 1:
        figure.legend(
            loc="outside lower center",
            ncols=_legend_columns(named),
            fontsize=8.5,
            frameon=False,
            labelcolor=INK,
        )


def _legend_columns(lines: Sequence[Line]) -> int:
    """As many as fit: letters of the longest name decide."""
    longest = max(len(line.name) for line in lines)
    return 3 if longest <= 14 else 2 if longest <= 24 else 1


def _draw_line(axes: Axes, line: Line, colour: str) -> None:
    window = len(line.values) // 40
    bold = line
    if line.smooth and window > 1:
        axes.plot(*_thinned(line), color=colour, lw=0.6, alpha=0.25, zorder=2)
        smooth = running_mean(line.values, window)
        bold = dataclasses.replace(line, values=smooth)
    dots = "o" if len(line.values) < 12 else ""
    axes.plot(
        *_thinned(bold),
        color=colour,
        lw=1.5,
        marker=dots,
        ms=3,
        label=printable(line.name),
        zorder=3,
    )


def _draw_states(axes: Axes, states: Line) -> None:
    """A strip along the upper edge, in a colour for each state."""
    steps = np.append(0, states.steps)  # a state is of the steps before it
    changes = np.flatnonzero(np.diff(states.values)) + 1
    edges = [0, *changes.tolist(), len(states.values)]
    for first, end in itertools.pairwise(edges):
        axes.fill_between(
            [steps[first], steps[end]],
            0.965,
            1.0,
            color=STATE_COLOURS[int(states.values[first])],
            lw=0,
            transform=axes.get_xaxis_transform(),
        )


def _thinned(line: Line) -> tuple[np.ndarray, np.ndarray]:
    """At most `_POINTS` points, every n-th and the last one."""
    count = len(line.values)
    indices = np.linspace(0, count - 1, min(count, _POINTS)).round().astype(int)
    return line.steps[indices], line.values[indices]


def _limit(axes: Axes, lines: Sequence[Line]) -> None:
    """Frames all but the wildest values: one spike must not flatten a run."""
    values = np.concatenate([line.values for line in lines])
    low, high = np.percentile(values, [0.5, 99.5])
    room = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    axes.set_ylim(low - room, high + room)


def _style(axes: Axes) -> None:
    axes.grid(color=GRID, lw=0.7)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    axes.tick_params(colors=INK, labelsize=8, color=MUTED)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(MUTED)
