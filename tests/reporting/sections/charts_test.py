import os

import numpy as np

from deepi2i_tf.reporting.plots.charts import Chart, Line
from deepi2i_tf.reporting.sections import charts
from deepi2i_tf.reporting.sections.charts import ChartBook
from tests.reporting.page_parts import PageParts, pixels

STEPS = np.arange(50)
CHART = Chart(
    "loss",
    "Loss <D>",
    [Line("real", STEPS, STEPS / 7.0), Line("", STEPS, STEPS * 1.0)],
    "Lower & better.",
)


def test_a_chart_is_on_the_page_twice_and_in_the_folder_once(tmp_path):
    made = ChartBook(str(tmp_path)).charts([CHART])
    parts = PageParts(made)
    (image,) = parts.images
    assert image["alt"] == "Loss <D> over steps: real ends at 7"
    assert (image["width"], image["height"]) == ("880", "580")
    light, dark = sorted(parts.addresses, key=lambda a: a != image["src"])
    assert light == image["src"] != dark
    assert pixels(image)[0, 0].min() == 255
    assert pixels({"src": dark})[0, 0].max() < 60
    assert "Lower & better." in parts.text
    assert os.listdir(tmp_path / "plots") == ["loss.png"]
    assert 'media="(prefers-color-scheme: dark)"' in made


def test_a_page_that_is_built_again_draws_nothing_again(tmp_path, monkeypatch):
    drawn = []

    def draw(chart, theme):
        drawn.append((chart.slug, theme.name))
        return original(chart, theme)

    original = charts.draw_chart
    monkeypatch.setattr(charts, "draw_chart", draw)
    book = ChartBook(str(tmp_path))
    assert book.charts([CHART]) == book.charts([CHART])
    assert drawn == [("loss", "light"), ("loss", "dark")]


def test_maps_of_many_classes_are_larger_than_the_window(tmp_path):
    sizes = {}
    for count in (3, 101):
        book = ChartBook(str(tmp_path))
        names = [f"c{n}" for n in range(count)]
        made = book.confusion(np.eye(count, dtype=int), names)
        sizes[count] = "large" in made
        assert (
            PageParts(made).images[0]["alt"].startswith(f"heat map of {count}")
        )
    assert sizes == {3: False, 101: True}
    assert os.listdir(tmp_path / "plots") == ["confusion.png"]
