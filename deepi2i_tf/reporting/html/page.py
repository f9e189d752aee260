"""Renders a page: one HTML file that makes no request.

The prose and structure of the pages are Jinja2 templates beside this file.
Everything a template prints is escaped, so that no name becomes markup; the
charts' SVG alone is `Markup` already.
"""

import dataclasses
import importlib.resources
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
from markupsafe import Markup, escape

from deepi2i_tf.reporting.text import NOTHING


@dataclasses.dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Args:
        text: what it shows.
        value: what its column is sorted by; a cell without one sorts last.
        mark: CSS class, e.g. `"best"`.
    """

    text: str
    value: float | None = None
    mark: str = ""

    @property
    def key(self) -> str:
        """The value as the page's script reads it; empty for plain text."""
        if self.value is not None:
            return f"{self.value:.10g}"
        return "none" if self.text == NOTHING else ""


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of texts and numbers; the first cell of a row is its heading.

    Args:
        label: its name for screen readers.
        head: the heads of the columns.
        rows: as many cells in each.
        mark: CSS classes; `sortable` lets a click on a head sort.
    """

    label: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    mark: str = "numbers"

    @property
    def cells(self) -> list[list[Cell]]:
        """The rows with their plain texts as cells."""
        return [
            [c if isinstance(c, Cell) else Cell(c) for c in row]
            for row in self.rows
        ]


def breakable(text: str) -> Markup:
    """A long name that may be broken after a slash or an underscore."""
    broken = str(escape(text)).replace("/", "/<wbr>").replace("_", "_<wbr>")
    return Markup(broken)


def asset(name: str) -> str:
    """The text of `style.css` or `script.js`."""
    folder = importlib.resources.files("deepi2i_tf.reporting.html")
    return folder.joinpath("templates", name).read_text(encoding="utf-8")


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("deepi2i_tf.reporting.html"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["breakable"] = breakable
_ENVIRONMENT.globals["style"] = Markup(asset("style.css"))
_ENVIRONMENT.globals["script"] = Markup(asset("script.js"))


def render(template: str, sections: Mapping[str, Any], **texts: str) -> str:
    """The whole file.

    Args:
        template: file name of the template; it names the sections and their
            order, each a block of its own.
        sections: the data of each section by its name; one without data is
            left out.
        **texts: what the template prints around its sections.
    """
    page = _ENVIRONMENT.get_template(template)
    return page.render(sections=sections, **texts)
