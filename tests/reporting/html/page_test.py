import re

from deepi2i_tf.reporting.html.elements import Markup, Section
from deepi2i_tf.reporting.html.page import page
from tests.reporting.page_parts import PageParts

SECTIONS = [
    Section("numbers", "Numbers & <more>", Markup("<p>one</p>")),
    Section("grid", "Grid", Markup("<p>two</p>")),
]


def test_sections_are_in_the_contents_and_have_headings():
    made = page("<Title>", "Sub & title", SECTIONS, "End.")
    parts = PageParts(made)
    assert parts.headings == ["<Title>", "Numbers & <more>", "Grid"]
    links = [a for a in parts.addresses if a.startswith("#")]
    assert links == ["#numbers", "#grid"]
    assert {"numbers", "grid"} <= set(parts.ids)
    assert len(parts.ids) == len(set(parts.ids))
    assert "Sub & title" in parts.text
    assert parts.text.rstrip().endswith("End.")
    assert made.count("<title>&lt;Title&gt;</title>") == 1


def test_the_page_may_ask_nobody_for_anything():
    made = page("t", "s", SECTIONS, "e")
    assert "default-src 'none'; img-src data:" in made
    assert not re.search(r"https?:|//[a-z]|@import|url\(", made)
    assert '<meta name="viewport"' in made
    assert made.startswith("<!DOCTYPE html>\n<html lang=")
