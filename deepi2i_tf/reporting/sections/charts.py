"""Charts as parts of a page, and as files beside it."""

import html
import os
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from deepi2i_tf.reporting.html.elements import (
    Markup,
    element,
    joined,
    scroll_box,
)
from deepi2i_tf.reporting.html.images import data_uri, image_element
from deepi2i_tf.reporting.plots import confusion as heat_map
from deepi2i_tf.reporting.plots.charts import Chart, draw_chart
from deepi2i_tf.reporting.plots.themes import DARK, LIGHT, Theme
from deepi2i_tf.utils.atomic_files import atomic_write

PLOTS_FOLDER = "plots"
# Of more classes, the map is as large as it is and scrolls.
MOST_FITTED = 100


class ChartBook:
    """Draws each chart once, light and dark, and keeps the light one as PNG.

    Args:
        folder: where the page lies; PNGs go into `plots/` in it.
    """

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(folder, PLOTS_FOLDER)
        self._drawn: dict[str, Markup] = {}

    def charts(self, charts: Sequence[Chart]) -> Markup:
        """Charts side by side, each with its sentence."""
        figures = []
        for chart in charts:
            picture = self._picture(
                chart.slug,
                _alt(chart),
                lambda theme, chart=chart: draw_chart(chart, theme),
            )
            below = element("figcaption", chart.reading)
            parts = [picture, below] if chart.reading else [picture]
            figures.append(element("figure", joined(parts)))
        return element("div", joined(figures), class_="charts")

    def confusion(
        self, confusion: np.ndarray, class_names: Sequence[str]
    ) -> Markup:
        """The heat map, in a box that scrolls.

        Args:
            confusion: int64, (classes, classes).
            class_names: their names, by label.
        """
        picture = self._picture(
            heat_map.SLUG,
            f"heat map of {len(confusion)} classes asked for against seen",
            lambda theme: heat_map.draw_confusion(
                confusion, class_names, theme
            ),
        )
        large = len(confusion) > MOST_FITTED
        return scroll_box(picture, "Confusion", "map large" if large else "map")

    def _picture(
        self, slug: str, alt: str, draw: Callable[[Theme], bytes]
    ) -> Markup:
        if slug not in self._drawn:
            light, dark = draw(LIGHT), draw(DARK)
            path = os.path.join(self._folder, f"{slug}.png")
            atomic_write(path, light)
            with Image.open(path) as image:
                size = image.size
            source = (
                '<source media="(prefers-color-scheme: dark)" '
                f'srcset="{html.escape(data_uri(dark, "png"))}">'
            )
            shown = image_element(light, "png", alt, *size)
            self._drawn[slug] = element(
                "picture", joined([Markup(source), shown])
            )
        return self._drawn[slug]


def _alt(chart: Chart) -> str:
    """What a chart shows, in words: its lines and where they end."""
    ends = [
        f"{line.name} ends at {line.values[-1]:.3g}"
        for line in chart.lines
        if line.name and len(line.values)
    ]
    return f"{chart.title} over steps: {', '.join(ends)}"
