"""Animal faces in the layout of FUNIT and ImageNet, drawn."""

import pathlib

import numpy as np
from PIL import Image

from tests.data_prep.draw_photo import draw_photo, some_box

NAMES = {
    "n02085620": "Chihuahua",
    "n02110341": "dalmatian, coach dog, carriage dog",
    "n02120079": "Arctic fox, white fox, Alopex lagopus",
    "n02123597": "Siamese cat, Siamese",
    "n02134418": "sloth bear, Melursus ursinus, Ursus ursinus",
    "n02138441": "meerkat, mierkat",
}


def draw_raw(
    root: pathlib.Path, num_classes: int = 3, num_photos: int = 12
) -> pathlib.Path:
    """Draws coordinates, names and photos; every third photo has two faces."""
    lines = []
    for kind, synset in enumerate(list(NAMES)[:num_classes]):
        for index in range(num_photos):
            seed = 1000 * kind + index
            rng = np.random.default_rng(seed)
            boxes = [some_box(rng) for _ in range(1 + (index % 3 == 0))]
            name = f"{synset}/{synset}_{7 * index + 3}.JPEG"
            things = [(kind, box) for box in boxes]
            draw_photo(root / "train" / name, things, seed)
            lines += [" ".join(map(str, (name, *box))) for box in boxes]
    text = "\n".join(lines) + "\n"
    (root / "animalface_coordinates.txt").write_text(text)
    rows = (f"{synset} {names}\n" for synset, names in NAMES.items())
    (root / "LOC_synset_mapping.txt").write_text("".join(rows))
    return root


def cut_crops(
    raw: pathlib.Path, root: pathlib.Path, middle: str = ".JPEG"
) -> pathlib.Path:
    """Writes what FUNIT's script makes of `draw_raw`'s folder."""
    for line in (raw / "animalface_coordinates.txt").read_text().splitlines():
        name, *corners = line.split()
        photo = name.removesuffix(".JPEG")
        path = root / f"{photo}{middle}_{'_'.join(corners)}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(raw / "train" / name) as image:
            image.crop(tuple(map(int, corners))).save(path)
    return root
