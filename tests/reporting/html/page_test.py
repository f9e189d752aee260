import re

from deepi2i_tf.reporting.html.images import Picture, PictureRow
from deepi2i_tf.reporting.html.page import Cell, Table, asset, breakable, render
from tests.reporting.page_parts import PageParts, report_page, report_parts

NASTY = "<script>alert(1)</script> & \"quotes\" 'too'"
SECTIONS = {
    "flags": "--a=b",
    "grid": {"rows": [], "sources": [], "left_out": []},
}


def _table(*rows, head=("a", "b"), mark="numbers"):
    table = Table(NASTY, head, rows, mark)
    return report_page(classes={"count": "2", "table": table})


def _strips(*rows):
    return report_page(strips={"z": {"rows": rows, "left_out": []}})


def test_sections_are_in_the_contents_in_the_order_of_the_template():
    made = report_page(**SECTIONS, random=None)
    parts = PageParts(made)
    assert parts.headings == ["t", "Translations", "Flagfile"]
    links = [a for a in parts.addresses if a.startswith("#")]
    assert links == ["#grid", "#flags"]
    assert {"grid", "flags"} <= set(parts.ids)
    assert len(parts.ids) == len(set(parts.ids))


def test_titles_are_escaped():
    texts = {"title": "<Title>", "subtitle": "Sub & title"}
    made = render("comparison.html.jinja", {}, **texts)
    assert "<title>&lt;Title&gt;</title>" in made
    assert "Sub &amp; title" in made


def test_the_page_may_request_nothing():
    made = report_page(**SECTIONS)
    assert "default-src 'none'; img-src data:" in made
    assert not re.search(r"https?:|//[a-z]|@import|url\(", made)
    assert '<meta name="viewport"' in made
    assert made.startswith("<!DOCTYPE html>\n<html lang=")


def test_tables_scroll_in_a_box_of_their_own_and_name_their_rows():
    made = _table([NASTY, "1"], head=["", NASTY], mark="sortable")
    assert '<div class="scroll" role="region" aria-label="&lt;script' in made
    assert 'tabindex="0"' in made
    assert made.count('scope="row"') == 1
    assert made.count('scope="col"') == 2
    assert PageParts(made).tables == [[["", NASTY], [NASTY, "1"]]]


def test_cells_tell_the_script_what_to_sort_by():
    made = _table(["x", Cell("98.3", 0.98251, "best"), Cell("-"), "text"])
    assert '<td class="best" data-value="0.98251">98.3</td>' in made
    assert '<td data-value="none">-</td>' in made
    assert "<td>text</td>" in made


def test_long_names_may_break_and_stay_the_same_text():
    name = "generator/block_0 <b>"
    made = breakable(name)
    assert made == "generator/<wbr>block_<wbr>0 &lt;b&gt;"
    assert PageParts(made).text == name


def test_pictures_have_descriptions_headings_and_notes():
    picture = Picture("data:,", NASTY, 8, 4)
    made = _strips(PictureRow(NASTY, [picture], "<note>"))
    parts = PageParts(made)
    (image,) = parts.images
    assert image == {"src": "data:,", "alt": NASTY, "width": "8", "height": "4"}
    assert parts.tables[0][0][0].split("\n")[1:3] == [NASTY, "<note>"]
    assert "<thead>" not in made


def test_sources_stand_above_their_columns():
    head = [("<a>", Picture("data:,", "", 1, 1)), ("b", None)]
    grid = {"rows": [], "sources": head, "left_out": ["1 of 2 targets"]}
    parts = report_parts(grid=grid)
    assert parts.tables == [[["source", "<a>", "b"]]]
    assert len(parts.images) == 1
    assert "Shown: 1 of 2 targets" in parts.text


def test_both_colour_schemes_name_the_same_colours():
    style = asset("style.css")
    light, dark = (
        set(re.findall(r"(--[\w-]+):", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    )
    assert light - dark == {"--cell"}
    used = set(re.findall(r"var\((--[\w-]+)\)", style))
    assert used <= light
