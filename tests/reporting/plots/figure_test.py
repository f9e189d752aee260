import re

import matplotlib
import numpy as np
import pytest
from matplotlib import _pylab_helpers
from PIL import ImageColor

from deepi2i_tf.reporting.html.page import asset
from deepi2i_tf.reporting.plots import figure
from deepi2i_tf.reporting.plots.confusion import COLOURS as RAMP
from tests.reporting.page_parts import PageParts

NASTY = "</svg><script>alert('#22272e')</script> $ --> style=\"x\""
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#\w{6});", block))
    for block in re.findall(r":root \{(.*?)\}", asset("style.css"), re.S)[:2]
)


def _drawn(title="title"):
    made = figure.new_figure(4.0, 2.0)
    axes = made.add_subplot()
    axes.set_title(figure.printable(title), color=figure.INK)
    for value, colour in enumerate(figure.SERIES):
        axes.plot([0, 1], [value, value + 1], color=colour, marker="o")
    return made


def _colours(svg):
    return set(re.findall(r"#\w{6}\b", "".join(re.findall(r"<[^>]*>", svg))))


def test_the_svg_has_the_variables_of_the_page_for_colours(tmp_path):
    svg = figure.publish(_drawn(), str(tmp_path), "c", "alt")
    for name in ("ink", *(f"series-{n}" for n in range(1, 7))):
        assert f"var(--{name})" in svg
    # Black is that of ticks, which a chart colours.
    assert _colours(svg) <= {"#000000"}
    assert "font-family" not in svg


def test_a_chart_is_on_the_page_as_svg_and_in_the_folder_as_png(tmp_path):
    svg = figure.publish(_drawn(), str(tmp_path), "c", "A <b>")
    parts = PageParts(svg)
    (chart,) = parts.charts
    assert (chart["role"], chart["aria-label"]) == ("img", "A <b>")
    assert chart["viewbox"] == "0 0 288 144"
    assert all(a.startswith("#") for a in parts.addresses)
    assert "title" in parts.text
    (path,) = (tmp_path / "plots").iterdir()
    assert path.name == "c.png"
    pixels = matplotlib.image.imread(path)
    assert pixels.shape[:2] == (400, 800)
    assert (pixels[0, 0] == 1.0).all()


def test_the_same_figure_has_the_same_bytes_and_ids_of_its_own(tmp_path):
    def drawn(slug):
        svg = figure.publish(_drawn(), str(tmp_path), slug, "")
        return svg, (tmp_path / "plots" / f"{slug}.png").read_bytes()

    first, again, other = drawn("a"), drawn("a"), drawn("b")
    assert first == again
    ids = [set(PageParts(svg).ids) for svg, _ in (first, other)]
    assert ids[0] and not ids[0] & ids[1]


def test_no_text_becomes_markup(tmp_path):
    svg = figure.publish(_drawn(NASTY), str(tmp_path), "c", NASTY)
    assert svg.count("</svg>") == 1
    assert "<script" not in svg
    parts = PageParts(svg)
    assert NASTY in parts.text
    assert parts.charts[0]["aria-label"] == NASTY


def test_texts_that_are_no_formulas_are_drawn_as_they_stand():
    assert figure.printable("a $b$ \u732b") == r"a \$b\$ ?"


def test_nothing_of_pyplot_moves(tmp_path):
    before = dict(matplotlib.rcParams)
    figure.publish(_drawn(), str(tmp_path), "c", "")
    assert dict(matplotlib.rcParams) == before
    assert not _pylab_helpers.Gcf.figs


def _luminance(colour):
    """Relative luminance of WCAG 2."""
    parts = np.array(ImageColor.getrgb(colour)) / 255
    linear = np.where(
        parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4
    )
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _contrast(one, other):
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_text_and_lines_stand_out_from_the_surface(scheme):
    # WCAG 2 asks for 4.5 of text and 3 of graphics.
    assert _contrast(scheme["ink"], scheme["surface"]) > 4.5
    series = [scheme[f"series-{n}"] for n in range(1, 7)]
    for colour in series:
        assert _contrast(colour, scheme["surface"]) > 3
    assert len(set(series)) == 6


def test_the_ramp_leads_away_from_the_surface():
    contrasts = [_contrast(colour, LIGHT["surface"]) for colour in RAMP]
    assert RAMP[0] == LIGHT["surface"]
    assert contrasts == sorted(contrasts)
    assert contrasts[-1] > 10
