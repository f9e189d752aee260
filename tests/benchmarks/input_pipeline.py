"""How many images per second the input pipeline gives, on a drawn set.

    python tests/benchmarks/input_pipeline.py --resolution=32 --cores=1

Prints a line per way of reading and, last, one JSON object: {"resolution",
"batch_size", "cores", "png_bytes", "memory": {"images_per_second",
"images_per_cpu_second", "first_batch_seconds"}, "stream": {...}}. An image is
one decoded image; a pair is two.
"""

import argparse
import hashlib
import json
import os
import tempfile
import time

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf  # noqa: E402

from deepi2i_tf.config import DataConfig  # noqa: E402
from deepi2i_tf.data import (  # noqa: E402
    PreparedData,
    Shard,
    pipeline,  # noqa: E402
    training_batches,
)

NUM_EXAMPLES = 2048
NUM_SHARDS = 4


def draw(rng: np.random.Generator, resolution: int) -> np.ndarray:
    """A few discs on a plain ground; uint8, compresses like a cartoon."""
    y, x = np.mgrid[:resolution, :resolution] / resolution
    image = np.full((resolution, resolution, 3), rng.uniform(0, 255, 3))
    for _ in range(8):
        (row, column), radius = rng.random(2), rng.uniform(0.05, 0.3)
        inside = radius - np.hypot(y - row, x - column)
        cover = np.clip(inside * resolution, 0.0, 1.0)[..., None]
        image += cover * (rng.uniform(0, 255, 3) - image)
    return image.astype(np.uint8)


def write(folder: str, resolution: int) -> PreparedData:
    """Writes the records of a training split and says where they are."""
    rng = np.random.default_rng(0)
    shards = []
    for number in range(NUM_SHARDS):
        file = f"drawn-{number}"
        path = os.path.join(folder, file)
        with tf.io.TFRecordWriter(path) as writer:
            for index in range(NUM_EXAMPLES // NUM_SHARDS):
                png = tf.io.encode_png(draw(rng, resolution)).numpy()
                writer.write(example(png, index))
        with open(path, "rb") as stream:
            content = stream.read()
        sha256 = hashlib.sha256(content).hexdigest()
        shards.append(
            Shard(file, NUM_EXAMPLES // NUM_SHARDS, len(content), sha256)
        )
    return PreparedData(
        path=folder,
        dataset="drawn",
        config=f"r{resolution}",
        version="1.0.0",
        resolution=resolution,
        class_names=("a", "b"),
        features=("image", "label", "id"),
        num_examples={"train": NUM_EXAMPLES},
        shards={"train": tuple(shards)},
    )


def example(png: bytes, index: int) -> bytes:
    """One record as TFDS writes it."""
    train = tf.train
    png_list = train.BytesList(value=[png])
    features = {
        "image": train.Feature(bytes_list=png_list),
        "label": train.Feature(int64_list=train.Int64List(value=[index % 2])),
        "id": train.Feature(bytes_list=train.BytesList(value=[b"drawn"])),
    }
    return train.Example(
        features=train.Features(feature=features)
    ).SerializeToString()


def measure(data: PreparedData, batch_size: int, seconds: float) -> dict:
    """Draws batches for some seconds."""
    begun = time.perf_counter()
    batches = iter(training_batches(data, DataConfig(), batch_size, seed=0))
    next(batches)
    first = time.perf_counter() - begun
    begun, cpu_begun, images = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begun < seconds:
        next(batches)
        images += 2 * batch_size
    return {
        "images_per_second": round(images / (time.perf_counter() - begun)),
        "images_per_cpu_second": round(
            images / (time.process_time() - cpu_begun)
        ),
        "first_batch_seconds": round(first, 2),
    }


def main() -> None:
    """Draws, measures both ways of reading, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=32)
    parser.add_argument("--batch_size", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--cores", type=int, default=0, help="0: all")
    flags = parser.parse_args()
    if flags.cores:
        allowed = sorted(os.sched_getaffinity(0))[: flags.cores]
        os.sched_setaffinity(0, allowed)
    with tempfile.TemporaryDirectory() as folder:
        data = write(folder, flags.resolution)
        result = {
            "resolution": flags.resolution,
            "batch_size": flags.batch_size,
            "cores": len(os.sched_getaffinity(0)),
            "png_bytes": data.num_bytes("train") // NUM_EXAMPLES,
        }
        for way, limit in (("memory", pipeline.MEMORY_LIMIT), ("stream", 0)):
            pipeline.MEMORY_LIMIT = limit
            result[way] = measure(data, flags.batch_size, flags.seconds)
            print(way, result[way])
    print(json.dumps(result))


if __name__ == "__main__":
    main()
