"""A small prepared set of coloured discs, and translators of known worth.

Class is the disc's colour; of the pose, x, y and scale can be seen and roll
and yaw cannot.
"""

import hashlib
import json
import os

import numpy as np
import tensorflow as tf

from deepi2i_tf.config.evaluate import EvaluationConfig, ReferenceTrainingConfig
from deepi2i_tf.data import PreparedData, find_prepared
from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.evaluation.translations import Batch, TranslatedSources
from deepi2i_tf.utils.image_geometry import to_uint8

RESOLUTION = 32
NAMES = ("amber", "blue", "green")
COLOURS = np.array([(255, 190, 0), (40, 60, 255), (0, 160, 60)], np.float32)
SIZES = {"train": 300, "test": 48}
FIRST = {"train": 0, "test": 10_000}
RECIPE = ReferenceTrainingConfig(
    max_resolution=16,
    widths=(8, 16),
    pose_features=16,
    batch_size=32,
    classifier_steps=40,
    pose_steps=120,
    validate_every=40,
    learning_rate=1e-2,
)
OPTIONS = EvaluationConfig(
    num_images=48,
    batch_size=16,
    shown=4,
    diversity_sources=0,
    fc=False,
    reference=RECIPE,
)


def scene_image(label: int, index: int) -> np.ndarray:
    """The disc of a class in the pose and on the grey of `index`."""
    x, y, scale, _, _ = pose_of(index)
    grey = np.random.default_rng((index, 1)).uniform(50, 200)
    ticks = (np.arange(RESOLUTION) + 0.5) / RESOLUTION - 0.5
    distance = np.hypot(ticks[None, :] - x, ticks[:, None] - y)
    cover = np.clip((0.25 * scale - distance) * RESOLUTION + 0.5, 0, 1)
    image = grey + (COLOURS[label] - grey) * cover[..., None]
    return np.rint(image).astype(np.uint8)


def label_of(index: int) -> int:
    return index % len(NAMES)


def pose_of(index: int) -> np.ndarray:
    low, high = np.array([[-0.2, -0.2, 0.7, -1, -1], [0.2, 0.2, 1.3, 1, 1]])
    return np.random.default_rng(index).uniform(low, high).astype(np.float32)


def paired_scene(index: int) -> int:
    """Where the test split is in pairs: three classes in each scene."""
    first = FIRST["test"]
    return index if index < first else first + (index - first) // 3


def write_set(
    data_dir, pose: bool = True, pair: bool = False, **sizes: int
) -> PreparedData:
    path = os.path.join(data_dir, "discs", "small", "1.0.0")
    os.makedirs(path)
    splits = {
        split: _write_split(path, split, count, pose, pair)
        for split, count in (SIZES | sizes).items()
    }
    names = ["image", "label", "id"] + ["pose"] * pose + ["pair"] * pair
    features = {"featuresDict": {"features": {name: {} for name in names}}}
    manifest = {
        "format": 1,
        "dataset": "discs",
        "config": "small",
        "version": "1.0.0",
        "resolution": RESOLUTION,
        "class_names": NAMES,
        "splits": splits,
        "counts": {},
        "refused": 0,
        "source": "drawn for a test",
    }
    for name, values in (("features", features), ("manifest", manifest)):
        with open(os.path.join(path, f"{name}.json"), "w") as file:
            json.dump(values, file)
    return find_prepared(str(data_dir), "discs", RESOLUTION)


def _write_split(path, split, count, pose, pair):
    name = f"discs-{split}.tfrecord-00000-of-00001"
    file = os.path.join(path, name)
    with tf.io.TFRecordWriter(file) as writer:
        for index in range(FIRST[split], FIRST[split] + count):
            writer.write(_example(index, pose, pair))
    with open(file, "rb") as stream:
        content = stream.read()
    shard = {
        "file": name,
        "num_examples": count,
        "num_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return {"num_examples": count, "shards": [shard]}


def _example(index: int, pose: bool, pair: bool) -> bytes:
    scene = paired_scene(index) if pair else index
    png = tf.io.encode_png(scene_image(label_of(index), scene)).numpy()
    lists = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[png])),
        "id": tf.train.Feature(
            bytes_list=tf.train.BytesList(value=[b"%d" % index])
        ),
        "label": tf.train.Feature(
            int64_list=tf.train.Int64List(value=[label_of(index)])
        ),
    }
    if pair and index >= FIRST["test"]:
        values = tf.train.Int64List(value=[scene])
        lists["pair"] = tf.train.Feature(int64_list=values)
    if pose:
        values = tf.train.FloatList(value=pose_of(index))
        lists["pose"] = tf.train.Feature(float_list=values)
    features = tf.train.Features(feature=lists)
    return tf.train.Example(features=features).SerializeToString()


def copying(images, z, labels):
    """Gives the source back."""
    return images


def class_ignoring(images, z, labels):
    """Mirrors the colours whatever class is asked for."""
    return images[..., ::-1]


def redrawing(images, z, labels):
    """The perfect translator: draws the target in the source's scene."""
    scenes = {
        scene_image(label_of(index), index).tobytes(): index
        for index in range(FIRST["test"], FIRST["test"] + SIZES["test"])
    }
    drawn = [
        scene_image(label, scenes[image.tobytes()])
        for image, label in zip(to_uint8(images), labels, strict=True)
    ]
    return np.stack(drawn).astype(np.float32) / 127.5 - 1.0


class RealTranslations:
    """Real training images of each class: what a perfect translator draws."""

    sources = None
    num_z = 1
    how_to_add = "Draw more"
    protocol = {"targets": "real images"}

    def __init__(self, per_class: int = 100, step: int = 1):
        self.of_class = [
            [i for i in range(SIZES["train"]) if label_of(i) == label]
            for label in range(len(NAMES))
        ]
        self.of_class = [rows[:per_class][::step] for rows in self.of_class]

    def count(self, target):
        return len(self.of_class[target])

    def batches(self, target):
        for start in range(0, self.count(target), 16):
            chosen = self.of_class[target][start : start + 16]
            images = np.stack([scene_image(target, index) for index in chosen])
            yield Batch(images, np.arange(start, start + len(chosen)), 0)


def measure(evaluation, translations, folder):
    """Measures a function of arrays, or `Translations`."""
    if callable(translations):
        sources, _ = evaluation.read_sources()
        translations = TranslatedSources(translations, 8, sources, OPTIONS)
    with WorkFolder(str(folder), "key") as work:
        return evaluation.measure(translations, work, {"step": 7})
