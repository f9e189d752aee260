"""Pieces of HTML: every text that enters one is escaped here.

Functions take texts and return markup. A piece that is markup already comes
as `Markup`, so that a class called `<b>` never becomes one.
"""

import dataclasses
import html
import re
from collections.abc import Iterable, Mapping, Sequence

from deepi2i_tf.reporting.text import NOTHING


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


@dataclasses.dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Args:
        content: text, or `Markup`.
        value: what the column is sorted by; None sorts last where the
            column's other cells have one.
        mark: CSS class, e.g. `"best"`.
    """

    content: str
    value: float | None = None
    mark: str = ""


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of the page.

    Args:
        anchor: its id, letters and hyphens.
        title: its heading.
        body: its content.
    """

    anchor: str
    title: str
    body: Markup


def text(content: str) -> Markup:
    """Escapes a text; `Markup` stays what it is."""
    if isinstance(content, Markup):
        return content
    return Markup(html.escape(content))


def breakable(content: str) -> Markup:
    """A long name that may be broken after a slash, underscore or blank."""
    pieces = re.split(r"(?<=[/_ ])", content)
    return Markup("<wbr>".join(map(html.escape, pieces)))


def joined(pieces: Iterable[str]) -> Markup:
    """Pieces one after the other; texts among them are escaped."""
    return Markup("\n".join(text(piece) for piece in pieces if piece))


def element(tag: str, content: str = "", **attributes: str) -> Markup:
    """One element.

    Args:
        tag: its name.
        content: text, or `Markup`.
        **attributes: by name; a trailing underscore and empty values are
            dropped, other underscores become hyphens.
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for name, value in attributes.items()
        if value
    )
    return Markup(f"<{tag}{given}>{text(content)}</{tag}>")


def paragraph(content: str) -> Markup:
    """What a section says about how to read it."""
    return element("p", content)


def note(content: str) -> Markup:
    """What is left out, or to be taken with care."""
    return element("p", content, class_="note")


def heading(content: str) -> Markup:
    """A heading inside a section."""
    return element("h3", content)


def scroll_box(content: Markup, label: str, mark: str = "") -> Markup:
    """A box that scrolls, so that what is wide never widens the page.

    Args:
        content: what lies in it.
        label: what a screen reader calls it.
        mark: another CSS class.
    """
    return element(
        "div",
        content,
        class_=f"scroll {mark}".strip(),
        role="region",
        aria_label=label,
        tabindex="0",
    )


def table(
    columns: Sequence[str | Cell],
    rows: Iterable[Sequence[str | Cell]],
    label: str,
    mark: str = "",
) -> Markup:
    """A table in a box of its own; the first cell of a row is its heading.

    Args:
        columns: the heads of the columns.
        rows: as many cells in each.
        label: its caption for screen readers.
        mark: CSS classes; `sortable` lets a click on a head sort.
    """
    head = joined(_cell(column, "th", scope="col") for column in columns)
    lines = [
        element(
            "tr",
            joined(
                _cell(cell, "td") if place else _cell(cell, "th", scope="row")
                for place, cell in enumerate(row)
            ),
        )
        for row in rows
    ]
    content = joined(
        [
            element("thead", element("tr", head)),
            element("tbody", joined(lines)),
        ]
    )
    return scroll_box(element("table", content, class_=mark), label)


def definitions(pairs: Mapping[str, str]) -> Markup:
    """Names and their values, one to a line."""
    lines = [
        element("dt", name) + element("dd", value)
        for name, value in pairs.items()
    ]
    return element("dl", joined(map(Markup, lines)))


def details(summary: str, content: Markup) -> Markup:
    """Content that opens on a click."""
    return element("details", joined([element("summary", summary), content]))


def _cell(cell: str | Cell, tag: str, **attributes: str) -> Markup:
    if not isinstance(cell, Cell):
        return element(tag, cell, **attributes)
    if cell.value is not None:
        attributes["data_value"] = f"{cell.value:.10g}"
    elif cell.content == NOTHING:
        attributes["data_value"] = "none"
    return element(tag, cell.content, class_=cell.mark, **attributes)
