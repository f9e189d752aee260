"""The confusion matrix as a heat map, up to a thousand classes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure

from deepi2i_tf.reporting.plots.figure import (
    DOTS_PER_INCH,
    INK,
    MUTED,
    new_figure,
    printable,
)

SLUG = "confusion"
_SIDE = 1000
_LABELS = 40
_MOST_LETTERS = 22
# Pixels of a letter per point, and of what else stands beside the map.
_LETTER = 1.52
_MARGIN, _RIGHT, _ABOVE, _BAR = 90, 150, 30, 18
COLOURS = ("#ffffff", "#bcd7f0", "#5a9bd8", "#1f6fc4", "#0b2f57")
_RAMP = LinearSegmentedColormap.from_list("ramp", COLOURS)
# Cube root: one per cent of confusion is to be seen beside a full diagonal.
_NORM = PowerNorm(1 / 3, 0.0, 1.0)
_TICKS = (0, 0.01, 0.1, 0.5, 1)


def draw_confusion(confusion: np.ndarray, class_names: Sequence[str]) -> Figure:
    """Draws the fractions of each requested class.

    Every class is a square of whole pixels, so that no row is lost; of more
    than 40 classes, every second (third, ...) has its name.

    Args:
        confusion: int64, (classes, classes): rows requested, columns seen.
        class_names: their names, by label.
    """
    count = len(confusion)
    totals = np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    side = max(2, _SIDE // count) * count
    names = [printable(_shortened(name)) for name in class_names]
    letter = _LETTER * _font_size(names)
    room = round(_MARGIN + letter * max(map(len, names)))
    width, height = room + side + _RIGHT, room + side + _ABOVE
    figure = new_figure(width / DOTS_PER_INCH, height / DOTS_PER_INCH)
    low, tall = room / height, side / height
    axes = figure.add_axes((room / width, low, side / width, tall))
    _show(axes, confusion / totals)
    _name_classes(axes, names)
    right = room + side + 2 * _BAR
    _draw_scale(figure.add_axes((right / width, low, _BAR / width, tall)))
    return figure


def _show(axes: Axes, fractions: np.ndarray, **options: str) -> None:
    # Without interpolation the SVG holds one pixel per class.
    axes.imshow(
        fractions,
        cmap=_RAMP,
        norm=_NORM,
        interpolation="none",
        aspect="auto",
        **options,
    )
    for spine in axes.spines.values():
        spine.set_color(MUTED)


def _draw_scale(axes: Axes) -> None:
    fractions = np.linspace(0, 1, 256) ** 3
    _show(axes, fractions[:, None], origin="lower")
    places = [255 * tick ** (1 / 3) for tick in _TICKS]
    axes.set_xticks([])
    axes.set_yticks(places, [f"{tick:g}" for tick in _TICKS])
    axes.yaxis.tick_right()
    axes.tick_params(colors=INK, labelsize=7)


def _name_classes(axes: Axes, names: Sequence[str]) -> None:
    for spine in axes.spines.values():
        # Outside: of 555 classes it would cover a whole one.
        spine.set_position(("outward", 1))
    indices = range(0, len(names), -(-len(names) // _LABELS))
    labels = [names[index] for index in indices]
    size = _font_size(names)
    axes.set_xticks(indices, labels, rotation=90, fontsize=size)
    axes.set_yticks(indices, labels, fontsize=size)
    axes.tick_params(colors=INK, color=MUTED, length=2)
    axes.set_xlabel("seen by the classifier", color=INK, fontsize=8)
    axes.set_ylabel("asked for", color=INK, fontsize=8)


def _font_size(names: Sequence[str]) -> int:
    return 7 if len(names) > 20 else 8


def _shortened(name: str) -> str:
    if len(name) <= _MOST_LETTERS:
        return name
    return name[: _MOST_LETTERS - 2].rstrip(" _-,") + ".."
