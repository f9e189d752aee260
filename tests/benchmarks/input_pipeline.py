"""How many images per second training can read, beside the original's way.

    python -m tests.benchmarks.input_pipeline --json

Crops of photographs (tests/end_to_end/crop_photos.py) are prepared once in
every encoding and written as the original's HDF5 file. Then the pipeline of
training (two shuffled streams, paired, flipped, scaled; records in memory, and
streamed from disk) and the original's loader (tests/benchmarks/hdf5_loader.py,
batches of 32, two processes) take turns, some seconds each, and every figure
is divided by that of the loader in the same turn. An image is one image handed
over, float32, in [-1, 1]; a pair is two.

With --json the last line is one JSON object: {"resolution", "cores", "hdf5":
{"images_per_second"}, "raw": {"bytes_per_image", "memory":
{"images_per_second", "over_hdf5"}, "stream": {...}}, "png": ..., "jpeg": ...}.
"""

import argparse
import contextlib
import io
import json
import os
import pathlib
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split

from data_prep.image_folder import (
    image_folder_dataset_builder as image_folder,
)
from data_prep.pictures.encoding import ENCODINGS
from data_prep.writing import preparation
from deepi2i_tf.config import DataConfig
from deepi2i_tf.data import (
    PreparedData,
    find_prepared,
    load_arrays,
    pipeline,
    training_batches,
)
from tests.benchmarks import hdf5_loader
from tests.end_to_end.crop_photos import crop_photos

# No split is larger than the first or smaller than the second.
WAYS = {"memory": 2**60, "stream": 0}


def prepare_all(
    folder: pathlib.Path,
    per_class: int,
    resolution: int,
    encodings: Sequence[str] = ENCODINGS,
) -> dict[str, PreparedData]:
    """Prepares the same photographs in some encodings."""
    crop_photos(folder / "photos", per_class)
    found = {}
    for encoding in encodings:
        config = image_folder.ImageFolderConfig(
            name=f"r{resolution}",
            resolution=resolution,
            encoding=encoding,
            manual_dir=str(folder / "photos"),
        )
        data_dir = str(folder / encoding)
        with contextlib.redirect_stdout(io.StringIO()):
            preparation.prepare(image_folder.Builder, config, data_dir, 8)
        found[encoding] = find_prepared(data_dir, "image_folder", resolution)
    return found


def ours(data: PreparedData, way: str, batch_size: int) -> Iterator[int]:
    """Yields the number of images of every batch."""
    pipeline.MEMORY_LIMIT = WAYS[way]
    for batch in training_batches(data, DataConfig(), batch_size, seed=0):
        yield len(batch["source"]) + len(batch["target"])


def theirs(path: str, batch_size: int) -> Iterator[int]:
    """Yields the number of images of every batch."""
    for images, _ in hdf5_loader.batches(path, batch_size, 2, seed=0):
        yield len(images)


def rate(batches: Iterator[int], seconds: float) -> float:
    """Images per second, once the first batches have come."""
    for _ in range(10):
        next(batches)
    begun, images = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        images += next(batches)
    return images / (time.perf_counter() - begun)


def measure(
    found: dict[str, PreparedData], hdf5: str, requested: argparse.Namespace
) -> dict:
    """Lets all take turns; medians of rates, and of ratios within a turn."""
    rates, ratios = {}, {}
    for _ in range(requested.turns):
        with contextlib.closing(theirs(hdf5, requested.batch_size)) as batches:
            base = rate(batches, requested.seconds)
        rates.setdefault("hdf5", []).append(base)
        for encoding, data in found.items():
            for way in WAYS:
                batches = ours(data, way, requested.batch_size)
                seen = rate(batches, requested.seconds)
                rates.setdefault((encoding, way), []).append(seen)
                ratios.setdefault((encoding, way), []).append(seen / base)
    result = {
        "resolution": requested.resolution,
        "cores": len(os.sched_getaffinity(0)),
        "hdf5": {"images_per_second": round(statistics.median(rates["hdf5"]))},
    }
    for encoding, data in found.items():
        num_bytes = data.num_bytes("train") // data.num_examples["train"]
        result[encoding] = {"bytes_per_image": num_bytes}
        for way in WAYS:
            key = (encoding, way)
            result[encoding][way] = {
                "images_per_second": round(statistics.median(rates[key])),
                "over_hdf5": round(statistics.median(ratios[key]), 2),
            }
    return result


def show(result: dict) -> None:
    """Prints the table of data_prep/README.md."""
    base = result["hdf5"]["images_per_second"]
    print(f"original's HDF5 loader: {base} images/s")
    print("| encoding | bytes | memory, images/s | stream, images/s |")
    for encoding in ENCODINGS:
        row = result[encoding]
        cells = [
            f"{row[way]['images_per_second']} ({row[way]['over_hdf5']} x)"
            for way in WAYS
        ]
        print(
            f"| {encoding} | {row['bytes_per_image']} | {' | '.join(cells)} |"
        )


def main() -> None:
    """Prepares, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--batch_size", type=int, default=32)
    parser.add_argument("--per_class", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    requested = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        found = prepare_all(root, requested.per_class, requested.resolution)
        arrays = load_arrays(found["raw"], "train")
        hdf5 = str(root / "images.hdf5")
        hdf5_loader.write_hdf5(hdf5, arrays["image"], arrays["label"])
        result = measure(found, hdf5, requested)
    show(result)
    if requested.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
