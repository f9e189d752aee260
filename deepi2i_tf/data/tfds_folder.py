"""A data set that TFDS itself wrote, as `PreparedData`.

`<data_dir>/<dataset>/[<config>/]<version>/` holds dataset_info.json,
features.json, label.labels.txt and TFRecord shards; tensorflow_datasets is
not imported for it, which would take seconds. Images are PNG or JPEG of any
size and are brought to the run's resolution while they are read.

Training takes the split `train`. The test part is `test`, or `validation`
where `test` is missing or comes without labels (-1), or else every tenth
record of `train`, which training then never sees (`held_out`).
"""

import os
from typing import Any

import tensorflow as tf

from deepi2i_tf.data.prepared import (
    FEATURES,
    INFO,
    PreparedData,
    Shard,
    read_json,
)
from deepi2i_tf.data.tfds_features import (
    Feature,
    choose_features,
    read_features,
)
from deepi2i_tf.utils.errors import UserError

HELD_OUT = 10
_TEST_SPLITS = ("test", "validation")
_FORMAT = "tfrecord"
_TEMPLATE = "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"
_Shards = tuple[Shard, ...]


def read_tfds_folder(path: str, resolution: int) -> PreparedData:
    """Reads what TFDS says of a data set, and the first labels of its splits.

    Args:
        path: the folder of one version.
        resolution: side that images are brought to, in pixels.

    Returns:
        The data set; `check_shards` comes next.

    Raises:
        UserError: it is not one of labelled images in TFRecord files.
    """
    info = read_json(path, INFO)
    features = read_json(path, FEATURES)
    try:
        return _from_json(path, info, features, resolution)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UserError(
            f"Expected {INFO} and {FEATURES} in {path} as TFDS 4 writes them. "
            f"Received: some that fail at {error}. Have TFDS prepare the data "
            "set again."
        ) from error


def _from_json(
    path: str, info: dict[str, Any], features: dict[str, Any], resolution: int
) -> PreparedData:
    _require_tfrecord(path, info)
    image, label = choose_features(
        read_features(features), _supervised(info), path
    )
    parts = _parts(path, _labelled_splits(path, info, label))
    return PreparedData(
        path=path,
        dataset=info["name"],
        config=info.get("configName", ""),
        version=info["version"],
        resolution=resolution,
        class_names=_class_names(path, label, parts["shards"]),
        features=("image", "label"),
        encoding="photo",
        stored_names={"image": image.name, "label": label.name},
        **parts,
    )


def _require_tfrecord(path: str, info: dict[str, Any]) -> None:
    # Before other formats came, the field was not written.
    file_format = info.get("fileFormat", _FORMAT)
    if file_format != _FORMAT:
        raise UserError(
            f"Expected the files in {path} to be of format {_FORMAT}. "
            f"Received: {file_format}. Have TFDS prepare the data set with "
            f"file_format={_FORMAT}."
        )


def _supervised(info: dict[str, Any]) -> tuple[str, str]:
    keys = info.get("supervisedKeys", {})
    if "input" in keys:
        return keys["input"], keys.get("output", "")
    items = keys.get("tuple", {}).get("items", [])
    names = [item.get("featureKey", "") for item in items]
    return (names[0], names[1]) if len(names) > 1 else ("", "")


def _labelled_splits(
    path: str, info: dict[str, Any], label: Feature
) -> dict[str, _Shards]:
    """Shards of the splits that are not empty and whose labels are known."""
    shards = {
        split["name"]: _shards(path, info["name"], split)
        for split in info["splits"]
    }
    labelled = {
        name: files
        for name, files in shards.items()
        if files and _first_label(path, files[0], label) >= 0
    }
    if "train" not in labelled:
        there = ", ".join(
            name if name in labelled else f"{name} (no labels)"
            for name in shards
        )
        raise UserError(
            f"Expected a split named train with labels in {path}. Received: "
            f"{there or 'no splits'}. Choose a data set that has one."
        )
    return labelled


def _shards(path: str, dataset: str, split: dict[str, Any]) -> _Shards:
    lengths = [int(length) for length in split.get("shardLengths", [])]
    template = split.get("filepathTemplate") or _TEMPLATE
    digits = max(5, len(str(len(lengths))))
    made = []
    for index, length in enumerate(lengths):
        place, count = f"{index:0{digits}d}", f"{len(lengths):0{digits}d}"
        file = template.format(
            DATASET=dataset,
            SPLIT=split["name"],
            FILEFORMAT=_FORMAT,
            SHARD_INDEX=place,
            NUM_SHARDS=count,
            SHARD_X_OF_Y=f"{place}-of-{count}",
        )
        there = os.path.join(path, file)
        size = os.path.getsize(there) if os.path.isfile(there) else 0
        made.append(Shard(file, length, size, ""))
    return tuple(made)


def _first_label(path: str, shard: Shard, label: Feature) -> int:
    """Label of a shard's first record; 0 where it cannot be read.

    Splits without labels have -1 throughout. What is wrong with a shard is
    told by those who check or read it.
    """
    try:
        labels = _labels(path, (shard,), label)
        return next(labels.as_numpy_iterator(), 0)
    except tf.errors.OpError:
        return 0


def _labels(path: str, shards: _Shards, label: Feature) -> tf.data.Dataset:
    feature = {label.name: tf.io.FixedLenFeature((), tf.int64)}
    files = [os.path.join(path, shard.file) for shard in shards]
    return tf.data.TFRecordDataset(files).map(
        lambda record: tf.io.parse_single_example(record, feature)[label.name]
    )


def _class_names(
    path: str, label: Feature, shards: dict[str, _Shards]
) -> tuple[str, ...]:
    names_file = os.path.join(path, f"{label.name}.labels.txt")
    if os.path.isfile(names_file):
        with open(names_file, encoding="utf-8") as lines:
            names = tuple(line.strip() for line in lines if line.strip())
        if label.num_classes not in (0, len(names)):
            raise UserError(
                f"Expected {names_file} to name the {label.num_classes} "
                f"classes of {FEATURES}. Received: {len(names)} names. Have "
                "TFDS prepare the data set again."
            )
        return names
    count = label.num_classes or _count_classes(path, label, shards)
    return tuple(map(str, range(count)))


def _count_classes(
    path: str, label: Feature, shards: dict[str, _Shards]
) -> int:
    """Reads every label; a number does not say how many there may be."""
    files = tuple(dict.fromkeys(sum(shards.values(), ())))
    try:
        there = set(_labels(path, files, label).as_numpy_iterator())
    except tf.errors.OpError as error:
        raise UserError(
            f"Expected to read feature {label.name} in every record of {path}. "
            f"Received: {str(error).splitlines()[0]} Have TFDS prepare the "
            "data set again."
        ) from error
    count = len(there)
    if there != set(range(count)):
        raise UserError(
            f"Expected feature {label.name} of {path} to number its {count} "
            f"classes from 0 to {count - 1}. Received: numbers from "
            f"{min(there)} to {max(there)}. Choose a data set whose label is "
            "a ClassLabel."
        )
    return count


def _parts(path: str, shards: dict[str, _Shards]) -> dict[str, Any]:
    """The fields of `PreparedData` that say what training and tests read."""
    train = shards["train"]
    count = sum(shard.num_examples for shard in train)
    for split in _TEST_SPLITS:
        if split in shards:
            test = shards[split]
            num_test = sum(shard.num_examples for shard in test)
            return {
                "shards": {"train": train, "test": test},
                "num_examples": {"train": count, "test": num_test},
            }
    if count < HELD_OUT:
        raise UserError(
            f"Expected at least {HELD_OUT} images in split train of {path}, "
            "which has no labelled split test or validation, so that every "
            f"{HELD_OUT}th is one. Received: {count}. Choose a larger data set."
        )
    return {
        "shards": {"train": train, "test": train},
        "num_examples": {
            "train": count - count // HELD_OUT,
            "test": count // HELD_OUT,
        },
        "held_out": HELD_OUT,
    }
