"""A picture of a prepared data set: a few images of every class."""

import math
import pathlib
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from data_prep.reading.records import image_of, label_of, read_examples
from deepi2i_tf.utils.image_grid import save_png
from deepi2i_tf.utils.spacing import evenly_spaced

FILE_NAME = "contact_sheet.png"
IMAGES_PER_CLASS = 6
# A class takes 30,000 pixels or more.
MAX_CLASSES = 1000
_SMALLEST_CELL, _LARGEST_CELL = 64, 128
_MARGIN, _LINE = 6, 16


def collect_samples(
    folder: pathlib.Path, manifest: dict[str, Any]
) -> dict[str, list[np.ndarray]]:
    """Returns the first pictures of the classes that are drawn, by name.

    Up to `MAX_CLASSES` are, evenly chosen.

    Returns:
        uint8 (R, R, 3) each, no larger than they are drawn.
    """
    names = manifest["class_names"]
    chosen = evenly_spaced(len(names), MAX_CLASSES).tolist()
    samples: dict[int, list] = {label: [] for label in chosen}
    lacking = len(samples)
    for split in ("test", "train"):
        for example in read_examples(folder, manifest, split):
            images = samples.get(label_of(example))
            if images is not None and len(images) < IMAGES_PER_CLASS:
                images.append(_bounded(image_of(example, manifest)))
                lacking -= len(images) == IMAGES_PER_CLASS
            if not lacking:
                break
    return {names[label]: images for label, images in samples.items()}


def _bounded(image: np.ndarray) -> np.ndarray:
    if len(image) <= _LARGEST_CELL:
        return image
    return np.asarray(_scaled(image, _LARGEST_CELL))


def _shortened(text: str, width: int, font: ImageFont.ImageFont) -> str:
    while len(text) > 1 and font.getlength(text) > width:
        text = text[:-2] + "…" if text.endswith("…") else text[:-1] + "…"
    return text


def _scaled(image: np.ndarray, cell: int) -> Image.Image:
    nearest = image.shape[0] < cell
    method = Image.Resampling.NEAREST if nearest else Image.Resampling.LANCZOS
    return Image.fromarray(image).resize((cell, cell), method)


def draw_contact_sheet(samples: dict[str, list[np.ndarray]]) -> Image.Image:
    """Returns one row of pictures per class, its name above.

    Args:
        samples: by class name, each uint8 (R, R, 3).
    """
    side = next(iter(samples.values()))[0].shape[0]
    enlarged = side * max(1, -(-_SMALLEST_CELL // side))
    cell = min(enlarged, _LARGEST_CELL)
    width = IMAGES_PER_CLASS * cell + 3 * _MARGIN
    height = cell + _LINE + _MARGIN
    # About as wide as high.
    columns = max(1, round(math.sqrt(len(samples) * height / width)))
    rows = -(-len(samples) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(12)
    for index, (name, images) in enumerate(samples.items()):
        x = index // rows * width + _MARGIN
        y = index % rows * height
        text = _shortened(name, width - 2 * _MARGIN, font)
        pen.text((x, y + 1), text, "black", font)
        for image in images:
            sheet.paste(_scaled(image, cell), (x, y + _LINE))
            x += cell
    return sheet


def save_contact_sheet(folder: pathlib.Path, manifest: dict[str, Any]) -> None:
    """Draws the sheet of a prepared folder and writes it there."""
    sheet = draw_contact_sheet(collect_samples(folder, manifest))
    save_png(sheet, folder / FILE_NAME)
