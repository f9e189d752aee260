"""Cuts a small set of real photographs out of what packages carry.

No photographs can be downloaded where this project is tested, but
scikit-image and scikit-learn ship a few. Squares cut out of them at random
places and sizes make a real, if small, image folder:

    python tests/end_to_end/crop_photos.py --output=photos --per_class=300

Sources and licences: chelsea (CC0) and coffee (CC0) of scikit-image; china
(CC BY, cultureslives) and flower (CC BY, dany13) of scikit-learn.
"""

import argparse
from pathlib import Path

import numpy as np
import skimage.data
import sklearn.datasets
from PIL import Image

SCIKIT_IMAGE = Path(skimage.data.__file__).parent
SCIKIT_LEARN = Path(sklearn.datasets.__file__).parent / "images"
PHOTOS = {
    "cat": SCIKIT_IMAGE / "chelsea.png",
    "coffee": SCIKIT_IMAGE / "coffee.png",
    "flower": SCIKIT_LEARN / "flower.jpg",
    "temple": SCIKIT_LEARN / "china.jpg",
}


def crop_photos(output: Path, per_class: int, classes=tuple(PHOTOS)) -> None:
    """Writes `<output>/<class>/<n>.jpg`; the same crops every time."""
    for number, name in enumerate(classes):
        draws = np.random.default_rng(number)
        photo = Image.open(PHOTOS[name]).convert("RGB")
        (output / name).mkdir(parents=True, exist_ok=True)
        for index in range(per_class):
            side = int(min(photo.size) * draws.uniform(0.45, 0.9))
            left = draws.integers(photo.width - side + 1)
            top = draws.integers(photo.height - side + 1)
            square = photo.crop((left, top, left + side, top + side))
            square.save(output / name / f"{index:04d}.jpg", quality=92)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--per_class", type=int, default=300)
    arguments = parser.parse_args()
    crop_photos(arguments.output, arguments.per_class)
    print(arguments.output)
