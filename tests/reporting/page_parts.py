"""A page taken apart, for tests to look at."""

import base64
import io
from html.parser import HTMLParser

import numpy as np
from PIL import Image

from deepi2i_tf.reporting.html.page import render

_VOID = {"meta", "link", "img", "source", "wbr"}


class PageParts(HTMLParser):
    """Tables as texts, pictures, links and ids of a page or a piece of one.

    It also finds out whether every element that was opened was closed.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.images: list[dict[str, str]] = []
        self.charts: list[dict[str, str]] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.headings: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(str(page))  # Of Markup, the parser would escape again.
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids += [given["id"]] if "id" in given else []
        for name in ("src", "href", "xlink:href", "srcset"):
            self.addresses += [given[name]] if name in given else []
        if tag == "img":
            self.images.append(given)
        if tag == "svg":
            self.charts.append(given)
        if tag in _VOID:
            return
        self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        elif tag in ("h1", "h2", "h3"):
            self.headings.append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self._open):
            self.text += data
        if {"td", "th"} & set(self._open):
            self.tables[-1][-1][-1] += data
        if {"h1", "h2", "h3"} & set(self._open):
            self.headings[-1] += data


def report_page(**sections) -> str:
    """A report of some sections, by the data that their templates show."""
    texts = {"title": "t", "subtitle": "s", "side": 0, "shrunk": None}
    return render("report.html.jinja", sections, **texts)


def report_parts(**sections) -> PageParts:
    return PageParts(report_page(**sections))


def pixels(image: dict[str, str]) -> np.ndarray:
    """The picture that an `<img>` carries."""
    content = base64.b64decode(image["src"].split("base64,")[1])
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture.convert("RGB"))
