"""Pictures inside the page: as data: URIs, small enough to send by mail."""

import base64
import dataclasses
import html
import io
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from deepi2i_tf.reporting.html.elements import (
    Markup,
    element,
    joined,
    scroll_box,
    text,
)

PNG_WORTH = 1.4


@dataclasses.dataclass(frozen=True)
class Encoder:
    """How pictures become parts of the page.

    Args:
        side: larger pictures are shrunk to this many pixels.
        quality: of JPEG, 1 to 95; PNG, which loses nothing, is taken where
            it is not much larger, as for drawings.
    """

    side: int = 128
    quality: int = 90

    def picture(self, pixels: np.ndarray, alt: str) -> Markup:
        """One picture.

        Args:
            pixels: uint8, (height, width, 3).
            alt: what it shows, in words.
        """
        image = Image.fromarray(np.ascontiguousarray(pixels))
        if max(image.size) > self.side:
            times = self.side / max(image.size)
            size = tuple(max(1, round(n * times)) for n in image.size)
            image = image.resize(size, Image.Resampling.LANCZOS)
        png = _encoded(image, "PNG")
        jpeg = _encoded(image, "JPEG", quality=self.quality, subsampling=0)
        if len(png) <= PNG_WORTH * len(jpeg):
            return image_element(png, "png", alt, *image.size)
        return image_element(jpeg, "jpeg", alt, *image.size)


MOST_BYTES = 15_000_000
# Tried in order until the page is small enough. The last one always is, for
# what a page shows is limited: 1000 pictures of noise at 48 px take 4 MB.
ENCODERS = (Encoder(128, 90), Encoder(96, 80), Encoder(64, 75), Encoder(48, 60))


def image_element(
    content: bytes, kind: str, alt: str, width: int, height: int
) -> Markup:
    """An `<img>` that carries its own bytes.

    Args:
        content: the encoded picture.
        kind: its type, `"png"` or `"jpeg"`.
        alt: what it shows, in words.
        width: in pixels.
        height: in pixels.
    """
    return Markup(
        f'<img src="{data_uri(content, kind)}" alt="{html.escape(alt)}" '
        f'width="{width}" height="{height}">'
    )


def data_uri(content: bytes, kind: str) -> str:
    """The bytes of a picture as a data: URI.

    Args:
        content: the encoded picture.
        kind: its type, `"png"` or `"jpeg"`.
    """
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def picture_table(
    head: Sequence[str],
    rows: Sequence[tuple[str, Sequence[str]]],
    label: str,
    mark: str = "",
    group: int = 0,
) -> Markup:
    """Pictures in rows and columns, in a box that scrolls.

    Args:
        head: the corner and the head of each column; empty for none.
        rows: a heading and the cells of each row; texts are escaped.
        label: the box's name for screen readers.
        mark: another CSS class of the table.
        group: rows that belong together; 0 for none.
    """
    heads = joined(element("th", cell, scope="col") for cell in head)
    lines = [
        element(
            "tr",
            joined(
                [
                    element("th", heading, scope="row"),
                    *(element("td", cell) for cell in cells),
                ]
            ),
            class_="first" if group and place % group == 0 else "",
        )
        for place, (heading, cells) in enumerate(rows)
    ]
    parts = [element("thead", element("tr", heads))] if head else []
    parts.append(element("tbody", joined(lines)))
    content = element("table", joined(parts), class_=f"pictures {mark}".strip())
    return scroll_box(content, label)


def captioned(picture: Markup, caption: str) -> Markup:
    """A picture with a line below."""
    below = element("figcaption", text(caption))
    return element("figure", joined([picture, below]))


def small_enough(build: Callable[[Encoder], str]) -> bytes:
    """A page of at most `MOST_BYTES`, its pictures as good as that allows.

    Args:
        build: makes the page with pictures of an encoder.

    Returns:
        The page in UTF-8.
    """
    for encoder in ENCODERS:
        content = build(encoder).encode()
        if len(content) <= MOST_BYTES:
            break
    return content


def _encoded(image: Image.Image, form: str, **options: int | bool) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()
