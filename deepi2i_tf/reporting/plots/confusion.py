"""The confusion of a classifier as a heat map, up to a thousand classes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure

from deepi2i_tf.reporting.plots.charts import (
    DOTS_PER_INCH,
    new_figure,
    png_of,
    printable,
)
from deepi2i_tf.reporting.plots.themes import Theme

SLUG = "confusion"
_SIDE = 1000
_LABELS = 40
_MOST_LETTERS = 22
# Pixels of a letter per point, and of what else stands beside the map.
_LETTER = 1.52
_MARGIN, _RIGHT, _ABOVE, _BAR = 90, 150, 30, 18


def draw_confusion(
    confusion: np.ndarray, class_names: Sequence[str], theme: Theme
) -> bytes:
    """Draws shares of each wanted class.

    Every class is a square of whole pixels, so that no row is lost; more
    than 40 classes are named every so many. The scale grows with the cube
    root: one per cent of confusion is to be seen beside a full diagonal.

    Args:
        confusion: int64, (classes, classes): rows wanted, columns seen.
        class_names: their names, by label.
        theme: its colours.

    Returns:
        A PNG.
    """
    count = len(confusion)
    cell = max(2, _SIDE // count)
    totals = np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    shares = confusion / totals
    side = cell * count
    names = [printable(_shortened(name)) for name in class_names]
    letter = _LETTER * _font_size(names)
    room = round(_MARGIN + letter * max(map(len, names)))
    width, height = room + side + _RIGHT, room + side + _ABOVE
    size = (width / DOTS_PER_INCH, height / DOTS_PER_INCH)
    figure = new_figure(size, theme)
    low, tall = room / height, side / height
    axes = figure.add_axes((room / width, low, side / width, tall))
    ramp = LinearSegmentedColormap.from_list("ramp", theme.ramp)
    norm = PowerNorm(1 / 3, 0.0, 1.0)
    axes.imshow(
        shares, cmap=ramp, norm=norm, interpolation="nearest", aspect="auto"
    )
    _name_classes(axes, names, theme)
    right = room + side + 2 * _BAR
    bar_axes = figure.add_axes((right / width, low, _BAR / width, tall))
    _draw_scale(figure, bar_axes, ScalarMappable(norm, ramp), theme)
    return png_of(figure)


def _draw_scale(
    figure: Figure, axes: Axes, colours: ScalarMappable, theme: Theme
) -> None:
    ticks = [0, 0.01, 0.1, 0.5, 1]
    bar = figure.colorbar(colours, cax=axes, ticks=ticks)
    axes.set_yticklabels([f"{tick:g}" for tick in ticks])
    axes.tick_params(colors=theme.ink, labelsize=7)
    bar.outline.set_edgecolor(theme.muted)


def _name_classes(axes: Axes, names: Sequence[str], theme: Theme) -> None:
    for spine in axes.spines.values():
        spine.set_color(theme.muted)
        # Outside: of 555 classes it would cover a whole one.
        spine.set_position(("outward", 1))
    every = -(-len(names) // _LABELS)
    places = range(0, len(names), every)
    labels = [names[place] for place in places]
    size = _font_size(names)
    axes.set_xticks(places, labels, rotation=90, fontsize=size)
    axes.set_yticks(places, labels, fontsize=size)
    axes.tick_params(colors=theme.ink, color=theme.muted, length=2)
    axes.set_xlabel("seen by the classifier", color=theme.ink, fontsize=8)
    axes.set_ylabel("asked for", color=theme.ink, fontsize=8)


def _font_size(names: Sequence[str]) -> int:
    return 7 if len(names) > 20 else 8


def _shortened(name: str) -> str:
    if len(name) <= _MOST_LETTERS:
        return name
    return name[: _MOST_LETTERS - 2].rstrip(" _-,") + ".."
