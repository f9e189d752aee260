"""How many photos per second and core a data set is prepared from.

    python -m tests.benchmarks.preparation --json

Photos of ImageNet's usual size (500 x 375, JPEG) are cut out of photographs
that scikit-image and scikit-learn carry, laid as an image folder, and prepared
at 128 px in every encoding, start to finished folder; Creatures are drawn and
prepared beside them. Images per core second are images over the processor
time of all threads. With --json the last line is one JSON object: {"raw":
{"images_per_core_second", "images_per_second", "megabytes"}, ...,
"creatures": {...}}.
"""

import argparse
import contextlib
import io
import json
import pathlib
import tempfile
import time
from collections.abc import Callable

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split

import numpy as np
from PIL import Image

from data_prep.creatures import (
    creatures_dataset_builder as creatures,
)
from data_prep.image_folder import (
    image_folder_dataset_builder as image_folder,
)
from data_prep.pictures.encoding import ENCODINGS
from data_prep.writing import preparation
from tests.end_to_end.crop_photos import PHOTOS

SIZE = (500, 375)


def write_photos(root: pathlib.Path, per_class: int) -> None:
    """Writes `<root>/<class>/<n>.jpg` of ImageNet's usual size."""
    for number, (name, path) in enumerate(PHOTOS.items()):
        draws = np.random.default_rng(number)
        photo = Image.open(path).convert("RGB")
        (root / name).mkdir(parents=True)
        for index in range(per_class):
            width = int(photo.width * draws.uniform(0.5, 0.9))
            height = min(photo.height, width * SIZE[1] // SIZE[0])
            left = draws.integers(photo.width - width + 1)
            top = draws.integers(photo.height - height + 1)
            part = photo.crop((left, top, left + width, top + height))
            part.resize(SIZE).save(root / name / f"{index:05d}.jpg", quality=90)


def measure(prepare: Callable[[], pathlib.Path], num_images: int) -> dict:
    """Prepares once and says how fast."""
    begun, cpu_begun = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        folder = prepare()
    cpu = time.process_time() - cpu_begun
    num_bytes = sum(path.stat().st_size for path in folder.glob("*.tfrecord-*"))
    return {
        "images_per_core_second": round(num_images / cpu),
        "images_per_second": round(num_images / (time.perf_counter() - begun)),
        "megabytes": round(num_bytes / 1e6, 1),
    }


def main() -> None:
    """Writes photos, prepares them in every encoding, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per_class", type=int, default=500)
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--json", action="store_true")
    requested = parser.parse_args()
    num_images = requested.per_class * len(PHOTOS)
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        write_photos(root / "photos", requested.per_class)
        for encoding in ENCODINGS:
            config = image_folder.ImageFolderConfig(
                name=f"r{requested.resolution}",
                resolution=requested.resolution,
                encoding=encoding,
                manual_dir=str(root / "photos"),
            )
            result[encoding] = measure(
                lambda config=config, encoding=encoding: preparation.prepare(
                    image_folder.Builder, config, str(root / encoding), 4
                ),
                num_images,
            )
        config = creatures.CreaturesConfig(
            name="c", resolution=requested.resolution, num_images=num_images
        )
        result["creatures"] = measure(
            lambda: preparation.prepare(
                creatures.Builder, config, str(root / "drawn"), 4
            ),
            num_images,
        )
    for name, row in result.items():
        print(name, row)
    if requested.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
