"""Dishes in the layout of UECFOOD-256, drawn."""

import pathlib
import shutil

import numpy as np

from tests.data_prep.draw_photo import draw_photo, some_box

# As strings they stand in another order than as numbers.
NAMES = {
    "1": "rice",
    "2": "eels on rice",
    "10": "tempura bowl",
    "40": "omelet",
    "67": "omelet",
    "185": "boned, sliced Hainan-style chicken with marinated rice",
}


def draw_raw(
    root: pathlib.Path, num_classes: int = 4, num_photos: int = 12
) -> pathlib.Path:
    """Draws tables and photos.

    Every fourth photo of a dish stands in the next dish's folder too, and on
    every fifth the dish is boxed twice.
    """
    dishes = list(NAMES)[:num_classes]
    rows = {dish: [] for dish in dishes}
    for kind, dish in enumerate(dishes):
        for index in range(num_photos):
            photo = 1000 * (kind + 1) + index
            rng = np.random.default_rng(photo)
            things = [(kind, some_box(rng)) for _ in range(1 + (not index % 5))]
            if index % 4 == 3:
                things.append(((kind + 1) % num_classes, some_box(rng)))
            path = root / dish / f"{photo}.jpg"
            draw_photo(path, things, photo)
            for other, box in things:
                rows[dishes[other]].append((photo, *box))
                if other != kind:
                    (root / dishes[other]).mkdir(exist_ok=True)
                    shutil.copy(path, root / dishes[other])
    for dish in dishes:
        lines = (
            "img x1 y1 x2 y2",
            *(" ".join(map(str, r)) for r in rows[dish]),
        )
        (root / dish / "bb_info.txt").write_text("\n".join(lines) + "\n")
    lines = ("id\tname", *(f"{dish}\t{NAMES[dish]}" for dish in dishes))
    (root / "category.txt").write_text("\n".join(lines) + "\n")
    return root
