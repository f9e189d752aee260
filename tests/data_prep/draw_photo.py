"""JPEGs like photos, with a thing of its class's colours in each box."""

import colorsys
import pathlib
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

Box = tuple[int, int, int, int]
SIZE = (120, 90)


def _colour(hue: float, value: float) -> tuple[int, ...]:
    return tuple(
        round(255 * c) for c in colorsys.hsv_to_rgb(hue % 1, 0.8, value)
    )


def draw_photo(
    path: pathlib.Path, things: Sequence[tuple[int, Box]], seed: int
) -> None:
    """Draws things, each given as (class, box), on a blurred background."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 200, (4, 5, 3), np.uint8)
    image = Image.fromarray(coarse).resize(SIZE, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for kind, (left, top, right, bottom) in things:
        wide, high = right - left, bottom - top
        draw.ellipse((left, top, right - 1, bottom - 1), _colour(kind / 7, 0.9))
        for column in range(1 + kind % 3):
            x = left + wide * (column + 1) // (2 + kind % 3)
            spot = (x - 3, top + high // 3, x + 3, top + high // 3 + 6)
            draw.ellipse(spot, _colour(kind / 7 + 0.5, 0.4))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "JPEG", quality=92)


def some_box(rng: np.random.Generator) -> Box:
    """A box that covers about half of a photo."""
    wide, high = rng.integers(40, 70, 2)
    left, top = rng.integers(0, (SIZE[0] - wide, SIZE[1] - high))
    return int(left), int(top), int(left + wide), int(top + high)


def cut(path: pathlib.Path, box: Box | None, side: int) -> np.ndarray:
    """The middle square of a box, by Pillow alone."""
    with Image.open(path) as image:
        part = image.convert("RGB").crop(box or (0, 0, *image.size))
    short = min(part.size)
    left, top = ((length - short) // 2 for length in part.size)
    square = part.crop((left, top, left + short, top + short))
    return np.asarray(square.resize((side, side), Image.Resampling.BICUBIC))
