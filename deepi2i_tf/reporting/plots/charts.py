"""Line charts for the report, in a light and a dark dress.

Drawn with matplotlib's objects alone, so that nothing of pyplot's global
state moves. Charts are small, one subject each: the page lays them out side
by side or, on a phone, one below the other.
"""

import dataclasses
import io
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import MaxNLocator
from PIL import Image

from deepi2i_tf.reporting.plots.palette import in_shades
from deepi2i_tf.reporting.plots.themes import Theme

DOTS_PER_INCH = 200
_SIZE = (4.4, 2.9)
_FONT = "DejaVu Sans"
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
    """A chart that can be drawn in any theme.

    Args:
        slug: its file name without ending.
        title: above it.
        lines: what it shows.
        reading: a sentence on how to read it.
        log: whether the values stand on a logarithmic axis.
        subject: what the names of its lines leave unsaid.
    """

    slug: str
    title: str
    lines: Sequence[Line]
    reading: str = ""
    log: bool = False
    subject: str = ""


def draw_chart(chart: Chart, theme: Theme) -> bytes:
    """Draws a chart.

    Args:
        chart: what to draw, at least one value. A line without one only
            keeps its colour from the next.
        theme: its colours.

    Returns:
        A PNG.
    """
    figure = new_figure(_SIZE, theme, layout="constrained")
    axes = figure.add_subplot()
    colours = iter(theme.lines * (1 + len(chart.lines) // len(theme.lines)))
    for line in chart.lines:
        if line.name:
            colour = next(colours)
            if len(line.values):
                _draw_line(axes, line, colour)
        else:
            axes.plot(
                *_thinned(line), color=theme.muted, lw=0.8, alpha=0.5, zorder=1
            )
    if chart.log:
        axes.set_yscale("log")
    else:
        _limit(axes, chart.lines)
        axes.ticklabel_format(axis="y", scilimits=(-3, 4))
    _dress(axes, theme)
    axes.set_title(
        printable(chart.title), loc="left", color=theme.ink, fontsize=10
    )
    axes.set_xlabel("step", color=theme.ink, fontsize=8)
    _name_lines(figure, chart.lines, theme)
    return png_of(figure, theme)


def new_figure(
    size: tuple[float, float], theme: Theme, layout: str | None = None
) -> Figure:
    """An empty figure with a canvas of its own.

    Args:
        size: width and height in inches.
        theme: its colours.
        layout: matplotlib's layout engine.
    """
    figure = Figure(
        figsize=size,
        dpi=DOTS_PER_INCH,
        facecolor=theme.surface,
        layout=layout,
    )
    FigureCanvasAgg(figure)
    return figure


def png_of(figure: Figure, theme: Theme | None = None) -> bytes:
    """Renders a figure.

    Args:
        figure: what to render.
        theme: reduces it to shades of these colours, which takes a third of
            the bytes; None for full colour.
    """
    figure.canvas.draw()
    pixels = np.ascontiguousarray(
        np.asarray(figure.canvas.buffer_rgba())[..., :3]
    )
    image = in_shades(pixels, theme) if theme else Image.fromarray(pixels)
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def printable(text: str) -> str:
    """A text that matplotlib draws as it stands.

    Args:
        text: any; dollars do not begin formulas, and what the font has no
            glyph for becomes a question mark.
    """
    font = get_font(findfont(FontProperties(family=_FONT)))
    known = (c if font.get_char_index(ord(c)) else "?" for c in text)
    return "".join(known).replace("$", r"\$")


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Mean of the values around each; of those there are, at both ends.

    Args:
        values: float64, (n,).
        window: how many values; an even number takes one more.
    """
    half = window // 2
    sums = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(values))
    first = np.maximum(places - half, 0)
    last = np.minimum(places + half + 1, len(values))
    return (sums[last] - sums[first]) / (last - first)


def _name_lines(figure: Figure, lines: Sequence[Line], theme: Theme) -> None:
    """A legend below; a single line needs none, the title says what it is."""
    named = [line for line in lines if line.name and len(line.values)]
    if named and len(lines) > 1:
        figure.legend(
            loc="outside lower center",
            ncols=_legend_columns(named),
            fontsize=8.5,
            frameon=False,
            labelcolor=theme.ink,
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


def _thinned(line: Line) -> tuple[np.ndarray, np.ndarray]:
    """At most `_POINTS` points, every n-th and the last one."""
    count = len(line.values)
    places = np.linspace(0, count - 1, min(count, _POINTS)).round().astype(int)
    return line.steps[places], line.values[places]


def _limit(axes: Axes, lines: Sequence[Line]) -> None:
    """Frames all but the wildest values: one spike must not flatten a run."""
    values = np.concatenate([line.values for line in lines])
    low, high = np.percentile(values, [0.5, 99.5])
    room = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    axes.set_ylim(low - room, high + room)


def _dress(axes: Axes, theme: Theme) -> None:
    axes.set_facecolor(theme.surface)
    axes.grid(color=theme.grid, lw=0.7)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.tick_params(colors=theme.ink, labelsize=8, color=theme.muted)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(theme.muted)
