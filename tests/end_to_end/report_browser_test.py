"""The pages of evaluate in a real browser: wide, narrow, light and dark."""

import dataclasses
import json
import urllib.parse

import pytest

from deepi2i_tf.reporting.comparison import write_comparison
from deepi2i_tf.reporting.report import write_html
from tests.end_to_end.chromium import PROGRAM, Chromium
from tests.reporting import drawn_report
from tests.reporting.drawn_report import SMALL

pytestmark = pytest.mark.skipif(
    PROGRAM is None,
    reason="chromium is not installed: apt-get install chromium",
)
NAMES = ["tiger <b>&\"'", "rabbit", "panda_of_a_very_long_name_" * 3, "x", "y"]
WIDTHS = (1280, 375)
# 60 rows of 20 steps reach the first evaluation.
SIZE = dataclasses.replace(SMALL, rows=60)

BROKEN_IMAGES = """[...document.images]
  .filter(image => !image.complete || image.naturalWidth === 0)
  .map(image => image.alt)"""
TABLE = """(() => {
  const box = document.querySelector(`[aria-label="%s"]`);
  return [...box.querySelectorAll("tr")].map(
    row => [...row.cells].map(cell => cell.textContent));
})()"""
# Elements that stick out of the window and lie in no box that scrolls.
STICKING_OUT = """[...document.querySelectorAll("main *")]
  .filter(e => !e.closest(".scroll, pre"))
  .filter(e => e.getBoundingClientRect().right > %d + 0.5)
  .map(e => e.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    rows = drawn_report.per_class(NAMES)
    rows[1]["rc"] = 0.12345
    for name, rc in (("one", 0.9765), ("two", 0.5)):
        drawn_report.write_report(
            folder / name / "report",
            folder / name,
            SIZE,
            names=NAMES,
            changes={"rc": rc},
            config={"data": {"dataset": "animal_faces"}},
        )
    report = write_html(str(folder / "one/report"), str(folder / "one"))
    runs = [str(folder / "one"), str(folder / "two")]
    return {
        "report": _url(report),
        "comparison": _url(write_comparison(runs, str(folder))),
    }


def _url(path):
    return "file://" + urllib.parse.quote(str(path))


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with Chromium(str(tmp_path_factory.mktemp("profile"))) as browser:
        yield browser


@pytest.mark.parametrize("page", ["report", "comparison"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True])
def test_pages_show_everything_and_ask_for_nothing(
    chromium, pages, page, width, dark
):
    chromium.open(pages[page], width, dark)
    assert chromium.complaints() == []
    assert chromium.requests() == [pages[page]]
    assert chromium.run("document.images.length") > 20
    assert chromium.run(BROKEN_IMAGES) == []
    assert chromium.run("document.scrollingElement.scrollWidth") <= width
    assert chromium.run(STICKING_OUT % width) == []


def test_a_bad_page_is_noticed(chromium, tmp_path):
    page = tmp_path / "bad.html"
    page.write_text(
        '<main><img src="none.png"><div style="width: 500px">wide</div></main>'
        "<script>console.error('no'); missing();</script>"
    )
    chromium.open(_url(page), 375)
    said = {event["method"] for event in chromium.complaints()}
    assert {"Runtime.exceptionThrown", "Runtime.consoleAPICalled"} <= said
    assert chromium.requests()[1:] == [_url(tmp_path / "none.png")]
    assert chromium.run(BROKEN_IMAGES) == [""]
    assert len(chromium.run(STICKING_OUT % 375)) == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_tables_hold_the_numbers(chromium, pages, width):
    chromium.open(pages["report"], width)
    head, *rows = chromium.run(TABLE % "Published rows and this run")
    assert head[:3] == ["method", "RC %", "FC %"]
    assert rows[4][:2] == ["DeepI2I", "49.5"]
    assert rows[5][:2] == ["this run: one", "97.7"]
    classes = chromium.run(TABLE % "Per class")
    expected = drawn_report.per_class(NAMES)
    assert [row[0] for row in classes[1:]] == NAMES
    assert [row[1] for row in classes[1:]] == [
        f"{100 * row['rc']:.1f}" for row in expected
    ]
    grid = chromium.run(TABLE % "Translation grid")
    assert (len(grid), len(grid[1])) == (6, 4)
    assert chromium.run(TABLE % "Confusion") == []


def test_charts_follow_the_colour_scheme(chromium, pages):
    def style(selector, name):
        element = f"document.querySelector('{selector}')"
        return chromium.run(f"getComputedStyle({element}).{name}")

    def brightest(colour):  # rgb(1, 2, 3)
        return max(json.loads(f"[{colour[4:-1]}]"))

    for dark in (False, True):
        chromium.open(pages["report"], 1280, dark)
        assert (brightest(style("body", "backgroundColor")) < 60) == dark
        assert (brightest(style(".charts text", "fill")) > 200) == dark
        assert (style(".map image", "filter") != "none") == dark
        line = style(".charts path[style*=series-1]", "stroke")
        assert line == ("rgb(108, 176, 245)" if dark else "rgb(31, 111, 196)")


def test_a_click_on_a_head_sorts(chromium, pages):
    chromium.open(pages["report"], 1280)
    click = """document.querySelectorAll(
      `[aria-label="Per class"] th button`)[%d].click()"""

    def column(place):
        return [row[place] for row in chromium.run(TABLE % "Per class")[1:]]

    numbers = sorted(column(1), key=float)
    chromium.run(click % 1)
    assert column(1) == numbers
    chromium.run(click % 1)
    assert column(1) == numbers[::-1]
    sort = "document.querySelector('[aria-sort]').getAttribute('aria-sort')"
    assert chromium.run(sort) == "descending"
    chromium.run(click % 0)
    assert column(0)[0].startswith("panda")
    assert chromium.complaints() == []


def test_without_scripts_everything_is_there(chromium, pages):
    chromium.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(pages["report"], 375)
        document = chromium.send("DOM.getDocument", depth=-1)["root"]
        found = json.dumps(document)
    finally:
        chromium.send("Emulation.setScriptExecutionDisabled", value=False)
    assert "97.7 %" in found
    assert '"BUTTON"' not in found
    assert found.count('"TABLE"') >= 8
