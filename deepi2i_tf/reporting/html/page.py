"""The page around the sections: one HTML file that asks for nothing else."""

from collections.abc import Sequence

from deepi2i_tf.reporting.html.elements import (
    Markup,
    Section,
    element,
    joined,
    text,
)
from deepi2i_tf.reporting.html.style import SCRIPT, STYLE

# The page may show what it carries, and ask nobody for anything.
_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'"
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{subtitle}</p>
</header>
<nav aria-label="Contents">
<ul>
{contents}
</ul>
</nav>
<main>
{sections}
</main>
<footer>
{footer}
</footer>
<script>{script}</script>
</body>
</html>
"""


def page(
    title: str, subtitle: str, sections: Sequence[Section], footer: str
) -> str:
    """The whole file.

    Args:
        title: its heading; texts are escaped.
        subtitle: a line below.
        sections: its parts; each has a line in the contents.
        footer: what stands at the end.
    """
    contents = [
        element("li", element("a", section.title, href=f"#{section.anchor}"))
        for section in sections
    ]
    return _PAGE.format(
        policy=_POLICY,
        title=text(title),
        subtitle=text(subtitle),
        style=STYLE,
        contents=joined(contents),
        sections=joined(map(_section, sections)),
        footer=element("p", footer),
        script=SCRIPT,
    )


def _section(section: Section) -> Markup:
    heading = element("h2", section.title, id=f"{section.anchor}-title")
    return element(
        "section",
        joined([heading, section.body]),
        id=section.anchor,
        aria_labelledby=f"{section.anchor}-title",
    )
