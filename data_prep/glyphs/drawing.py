"""Draws a character of a face: black on white, on one baseline.

One em size serves all characters of a face, so that weight, slant, width,
contrast, serifs and height are what the face looks like. It is `EM` of the
picture, or less where a character would not fit.
"""

import dataclasses
import math
import pathlib
from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

# In parts of the picture's side; downwards from its top.
EM = 0.8
BASELINE = 0.78
MARGIN = 1 / 32
# Pixels on which a glyph is drawn at least, before they are averaged.
_LEAST_DRAWN = 256
# Em size at which a face is measured, in pixels.
_MEASURED = 128


@dataclasses.dataclass(frozen=True, slots=True)
class FontFace:
    """A face in a file of fonts.

    Args:
        path: of the file.
        index: of the face in a collection.
        instance: name of an instance of a variable font, in its own bytes;
            empty for others.
    """

    path: pathlib.Path
    index: int = 0
    instance: bytes = b""

    def open(self, size: float = _MEASURED) -> ImageFont.FreeTypeFont:
        """Opens the face at an em size in pixels.

        Raises:
            OSError: it cannot be read, or there is no such face.
        """
        font = ImageFont.truetype(
            str(self.path),
            size,
            self.index,
            layout_engine=ImageFont.Layout.BASIC,
        )
        if self.instance:
            font.set_variation_by_name(self.instance)
        return font


def fitting_em(
    font: ImageFont.FreeTypeFont, characters: Iterable[str]
) -> float:
    """The em size at which all characters fit, in parts of a picture's side.

    Args:
        font: opened at any size.
        characters: those that are drawn.
    """
    boxes = [font.getbbox(character, anchor="ls") for character in characters]
    left, top, right, bottom = np.array(boxes).T / font.size
    room = {
        BASELINE - MARGIN: float(-top.min()),
        1 - BASELINE - MARGIN: float(bottom.max()),
        1 - 2 * MARGIN: float((right - left).max()),
    }
    return min(EM, *(have / need for have, need in room.items() if need > 0))


def draw_glyph(
    face: FontFace, character: str, em: float, resolution: int
) -> np.ndarray:
    """Draws one character, its advance in the middle from left to right.

    What of its ink goes beyond the advance counts with it.

    Args:
        face: the face.
        character: one code point.
        em: of `fitting_em`.
        resolution: height and width of the result.

    Returns:
        uint8 (resolution, resolution, 3).

    Raises:
        OSError: the face cannot be read.
    """
    factor = max(1, math.ceil(_LEAST_DRAWN / resolution))
    return draw_with(face.open(em * resolution * factor), character, resolution)


def draw_with(
    font: ImageFont.FreeTypeFont, character: str, resolution: int
) -> np.ndarray:
    """As `draw_glyph`, with a face that is open at the size of the drawing."""
    factor = max(1, math.ceil(_LEAST_DRAWN / resolution))
    side = resolution * factor
    left, _, right, _ = font.getbbox(character, anchor="ls")
    image = Image.new("L", (side, side), 255)
    place = round((side - right - left) / 2), round(BASELINE * side)
    ImageDraw.Draw(image).text(place, character, 0, font, anchor="ls")
    return np.asarray(image.reduce(factor).convert("RGB"))
