"""Writes a small prepared data set by hand, in the agreed layout."""

import hashlib
import json
import os

import numpy as np
import tensorflow as tf

RESOLUTION = 8
CLASS_NAMES = ("cat", "dog", "elk")
NUM_TRAIN = 23
NUM_TEST = 7
INDICES = {
    "train": range(NUM_TRAIN),
    "test": range(100, 100 + NUM_TEST),
}


def picture(index: int) -> np.ndarray:
    """Red tells the index; green grows from left to right."""
    image = np.zeros((RESOLUTION, RESOLUTION, 3), np.uint8)
    image[..., 0] = index
    image[..., 1] = 10 * np.arange(RESOLUTION)
    return image


def indices_of(images) -> list[int]:
    """Reads the index back from signed float images."""
    red = (np.asarray(images)[:, 0, 0, 0] + 1.0) * 127.5
    return np.round(red).astype(int).tolist()


def flips_of(images) -> list[bool]:
    """Which signed float images are mirrored."""
    images = np.asarray(images)
    return (images[:, 0, 0, 1] > images[:, 0, -1, 1]).tolist()


def encoded(image: np.ndarray, encoding: str) -> bytes:
    if encoding == "raw":
        return image.tobytes()
    encode = {"png": tf.io.encode_png, "jpeg": tf.io.encode_jpeg}[encoding]
    return encode(image).numpy()


def example(index: int, pose: bool, encoding: str = "png") -> bytes:
    def feature(**values):
        return tf.train.Feature(
            **{
                kind: getattr(tf.train, name)(value=value)
                for kind, (name, value) in values.items()
            }
        )

    image = encoded(picture(index), encoding)
    features = {
        "image": feature(bytes_list=("BytesList", [image])),
        "label": feature(int64_list=("Int64List", [label_of(index)])),
        "id": feature(bytes_list=("BytesList", [b"picture-%d" % index])),
    }
    if pose:
        values = [index + 0.1 * place for place in range(5)]
        features["pose"] = feature(float_list=("FloatList", values))
    return tf.train.Example(
        features=tf.train.Features(feature=features)
    ).SerializeToString()


def label_of(index: int) -> int:
    return index % len(CLASS_NAMES)


def write_prepared(
    data_dir,
    dataset="creatures",
    config="r8_c3_n30_s0",
    version="1.0.0",
    resolution=RESOLUTION,
    num_shards=3,
    pose=True,
    encoding="png",
) -> str:
    """Writes train (index 0 to 22) and test (100 to 106); returns the path."""
    path = os.path.join(data_dir, dataset, config, version)
    os.makedirs(path)
    made = (num_shards, pose, encoding)
    splits = {
        split: write_split(path, dataset, split, indices, *made)
        for split, indices in INDICES.items()
    }
    names = ["image", "label", "id"] + ["pose"] * pose
    write_json(
        os.path.join(path, "features.json"),
        {"featuresDict": {"features": {name: {} for name in names}}},
    )
    manifest = {
        "format": 1,
        "dataset": dataset,
        "config": config,
        "version": version,
        "resolution": resolution,
        "encoding": encoding,
        "class_names": list(CLASS_NAMES),
        "splits": splits,
        "counts": {},
        "refused": 0,
        "source": "drawn for a test",
    }
    write_json(os.path.join(path, "manifest.json"), manifest)
    return path


def write_split(path, dataset, split, indices, num_shards, pose, encoding):
    shards = []
    for number in range(num_shards):
        mine = indices[number::num_shards]
        name = f"{dataset}-{split}.tfrecord-{number:05d}-of-{num_shards:05d}"
        file = os.path.join(path, name)
        with tf.io.TFRecordWriter(file) as writer:
            for index in mine:
                writer.write(example(index, pose, encoding))
        with open(file, "rb") as stream:
            content = stream.read()
        shards.append(
            {
                "file": name,
                "num_examples": len(mine),
                "num_bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        )
    return {"num_examples": len(indices), "shards": shards}


def write_json(file, values):
    with open(file, "w", encoding="utf-8") as stream:
        json.dump(values, stream)


def edit_manifest(path, **changes):
    file = os.path.join(path, "manifest.json")
    with open(file, encoding="utf-8") as stream:
        values = json.load(stream)
    write_json(file, values | changes)


def shard_file(path, split="train", number=1) -> str:
    names = sorted(n for n in os.listdir(path) if f"-{split}." in n)
    return os.path.join(path, names[number])


def damage(file):
    """Flips one bit in the middle; size and name stay."""
    with open(file, "r+b") as stream:
        stream.seek(os.path.getsize(file) // 2)
        byte = stream.read(1)
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes([byte[0] ^ 1]))
