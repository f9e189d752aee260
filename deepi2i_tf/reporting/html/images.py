"""Pictures inside the page: as data: URIs, small enough to send by mail."""

import base64
import dataclasses
import io
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

# PNG, which is lossless, is taken up to this many times the bytes of JPEG.
PNG_WORTH = 1.4


@dataclasses.dataclass(frozen=True)
class Axes:
    """A pose drawn over a picture, in parts of its side.

    Args:
        x: of the head's centre.
        y: of the head's centre, downwards.
        radius: of the head.
        up: where the line upwards ends, (x, y).
        nose: where the face points, (x, y); the centre looks straight on.
        mark: CSS class.
    """

    x: float
    y: float
    radius: float
    up: tuple[float, float]
    nose: tuple[float, float]
    mark: str


@dataclasses.dataclass(frozen=True)
class Picture:
    """An `<img>` that carries its own bytes; `alt` says what it shows."""

    source: str
    alt: str
    width: int
    height: int
    caption: str = ""
    axes: Sequence[Axes] = ()


@dataclasses.dataclass(frozen=True)
class PictureRow:
    """A row of a table of pictures; the note is a line below its heading."""

    heading: str
    pictures: Sequence[Picture]
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Encoder:
    """Encodes pictures for the page.

    Args:
        side: larger pictures are shrunk to this many pixels.
        quality: of JPEG, 1 to 95.
    """

    side: int = 128
    quality: int = 90

    def picture(
        self, pixels: np.ndarray, alt: str, caption: str = ""
    ) -> Picture:
        """One picture of uint8, (height, width, 3)."""
        image = Image.fromarray(np.ascontiguousarray(pixels))
        if max(image.size) > self.side:
            scale = self.side / max(image.size)
            size = tuple(max(1, round(n * scale)) for n in image.size)
            image = image.resize(size, Image.Resampling.LANCZOS)
        kind, content = "png", _encoded(image, "PNG")
        jpeg = _encoded(image, "JPEG", quality=self.quality, subsampling=0)
        if len(content) > PNG_WORTH * len(jpeg):
            kind, content = "jpeg", jpeg
        source = (
            f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
        )
        return Picture(source, alt, *image.size, caption)


MOST_BYTES = 15_000_000
# Tried in order until the page is small enough. The last one always is,
# because a page's pictures are limited: 1000 of noise at 48 px take 4 MB.
ENCODERS = (Encoder(128, 90), Encoder(96, 80), Encoder(64, 75), Encoder(48, 60))


def small_enough(build: Callable[[Encoder], str]) -> bytes:
    """A page of at most `MOST_BYTES` in UTF-8, with the best possible pictures.

    Args:
        build: makes the page with the pictures of an encoder.
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
