"""Figures as PNG files, and as SVG in the page's colours.

A figure is drawn once, in the light colours of the page's style sheet. In the
SVG they become the style sheet's variables again, so that the page recolours
its charts with everything else.
"""

import io
import os
import re

import matplotlib
from markupsafe import Markup, escape
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from deepi2i_tf.reporting.html.page import asset
from deepi2i_tf.runs.layout import PLOTS_FOLDER
from deepi2i_tf.utils.atomic_files import atomic_write

DOTS_PER_INCH = 200
_FONT = "DejaVu Sans"
_LIGHT = re.search(r":root \{(.*?)\}", asset("style.css"), re.DOTALL)[1]
# The light colours by name: "ink", "series-1", ...
COLOURS: dict[str, str] = dict(re.findall(r"--([\w-]+): (#\w{6});", _LIGHT))
INK, MUTED, GRID = COLOURS["ink"], COLOURS["muted"], COLOURS["grid"]
SERIES = tuple(v for k, v in COLOURS.items() if k.startswith("series-"))
_VARIABLES = {
    colour: f"var(--{name})"
    for name, colour in COLOURS.items()
    if name.startswith(("ink", "muted", "grid", "series-"))
}
_IDLE = re.compile(
    r"(?<=<g) id=\"[^\"]*\""
    r"| font-family: [^;\"]*;?"
    r"| transform=\"rotate\(-0 [^\"]*\""
)


def new_figure(
    width: float, height: float, layout: str | None = None
) -> Figure:
    """An empty figure, its sides in inches, that pyplot does not know of."""
    return Figure((width, height), dpi=DOTS_PER_INCH, layout=layout)


def publish(figure: Figure, folder: str, slug: str, alt: str) -> Markup:
    """Writes `plots/<slug>.png` and returns the same chart as SVG.

    Args:
        figure: what to draw.
        folder: where the page lies.
        slug: its name, unique within the page.
        alt: what it shows, in words.
    """
    stream = io.BytesIO()
    # Without a date or a version, so that the same figure has the same bytes.
    figure.savefig(
        stream,
        format="png",
        metadata={"Software": None},
        pil_kwargs={"optimize": True},
    )
    path = os.path.join(folder, PLOTS_FOLDER, f"{slug}.png")
    atomic_write(path, stream.getvalue())
    stream = io.StringIO()
    # The salt keeps the ids of one chart apart from those of another.
    settings = {"svg.fonttype": "none", "svg.hashsalt": slug}
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with matplotlib.rc_context(settings):
        figure.savefig(stream, format="svg", metadata=nothing, transparent=True)
    return _inline(stream.getvalue(), alt)


def printable(text: str) -> str:
    """A text that matplotlib draws as it stands.

    Dollars do not begin formulas, and what the font has no glyph for becomes
    a question mark.
    """
    font = get_font(findfont(FontProperties(family=_FONT)))
    known = (c if font.get_char_index(ord(c)) else "?" for c in text)
    return "".join(known).replace("$", r"\$")


def _inline(document: str, alt: str) -> Markup:
    """The `<svg>` of an SVG file, as an element of the page."""
    box, body = re.search(
        r"<svg [^>]*(viewBox=\"[^\"]*\")[^>]*>(.*)", document, re.DOTALL
    ).groups()
    # A style sheet would reach beyond the chart; the page's has these rules.
    body = re.sub(r"<style.*?</style>", "", body, flags=re.DOTALL)
    # Tags alone: the texts between them may say anything.
    body = re.sub(r"<[^>]*>", lambda tag: _themed(tag[0]), body)
    body = re.sub(r"\n\s*", "\n", body)
    return Markup(
        f'<svg class="chart" role="img" aria-label="{escape(alt)}" {box}>{body}'
    )


def _themed(tag: str) -> str:
    """A tag with the page's colours and font, without idle ids and digits."""
    tag = _IDLE.sub("", tag)
    if not tag.startswith("<image"):  # Its matrix scales hundreds of pixels.
        tag = re.sub(r"\d+\.\d{3,}", lambda n: f"{float(n[0]):.2f}", tag)
    return re.sub(r"#\w{6}\b", lambda c: _VARIABLES.get(c[0], c[0]), tag)
