"""Birds in the layout of NABirds, drawn."""

import pathlib
import uuid

import numpy as np

from tests.data_prep.draw_photo import SIZE, draw_photo, some_box

# Leaves, whose order by name is another one than by number.
NAMES = {
    295: "Common Eider (Adult male)",
    297: "Snow Goose (White morph)",
    400: "Green Heron",
    817: "American Kestrel (Female, immature)",
    1005: "Bullock's Oriole",
}
# Kinds of kinds; 3 has no photos below it.
BRANCHES = {0: "Birds", 1: "Ducks, Geese, and Swans", 2: "Others", 3: "Loons"}
PARENTS = {1: 0, 2: 0, 3: 0, 295: 1, 297: 1, 400: 2, 817: 2, 1005: 2}


def draw_raw(
    root: pathlib.Path, num_classes: int = 4, num_photos: int = 12
) -> pathlib.Path:
    """Draws tables and photos; the official split is half and half."""
    rows = {
        name: []
        for name in (
            "images",
            "image_class_labels",
            "bounding_boxes",
            "sizes",
            "train_test_split",
        )
    }
    for kind, label in enumerate(list(NAMES)[:num_classes]):
        for index in range(num_photos):
            seed = 1000 * kind + index
            rng = np.random.default_rng(seed)
            key = uuid.UUID(bytes=rng.bytes(16))
            left, top, right, bottom = box = some_box(rng)
            name = f"{label:04d}/{key.hex}.jpg"
            draw_photo(root / "images" / name, [(kind, box)], seed)
            box = f"{left} {top} {right - left} {bottom - top}"
            size = f"{SIZE[0]} {SIZE[1]}"
            values = (name, label, box, size, index % 2)
            for table, value in zip(rows.values(), values, strict=True):
                table.append(f"{key} {value}\n")
    for name, table in rows.items():
        (root / f"{name}.txt").write_text("".join(sorted(table)))
    classes = BRANCHES | NAMES
    text = "".join(f"{key} {name}\n" for key, name in classes.items())
    (root / "classes.txt").write_text(text)
    text = "".join(f"{child} {over}\n" for child, over in PARENTS.items())
    (root / "hierarchy.txt").write_text(text)
    return root
