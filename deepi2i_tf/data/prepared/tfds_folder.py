"""Reads a data set that TFDS itself wrote as `PreparedData`.

`<data_dir>/<dataset>/[<config>/]<version>/` holds dataset_info.json,
features.json, label.labels.txt and TFRecord shards. TFDS reads what these
files say; the records are read as those of our own sets are, and their
images, PNG or JPEG of any size, are brought to the run's resolution.

Training takes the split `train`. The test part is `test`, or `validation`
where `test` is missing or comes without labels (-1), or else every tenth
record of `train`, counted over all shards, which training then never sees.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from deepi2i_tf.data.decode import CHUNK, read_labels
from deepi2i_tf.data.prepared.prepared_data import (
    FEATURES,
    INFO,
    PreparedData,
    Shard,
    read_json,
)
from deepi2i_tf.utils.errors import UserError

TEST_EVERY = 10
_FORMAT = "tfrecord"
_Shards = tuple[Shard, ...]


def read_tfds_folder(path: str, resolution: int) -> PreparedData:
    """Reads what TFDS says of a data set, and the first labels of its splits.

    Raises:
        UserError: it is not one of labelled images in TFRecord files.
    """
    info = _read_info(path)
    if info.file_format.value != _FORMAT:
        raise UserError(
            f"Expected the files in {path} to be of format {_FORMAT}. "
            f"Received: {info.file_format.value}. Have TFDS prepare the data "
            f"set with file_format={_FORMAT}."
        )
    features = info.features if _kind(info.features) == "FeaturesDict" else {}
    image, label = choose_features(features, info.supervised_keys, path)
    parts = _parts(path, _labelled_splits(path, info, label))
    return PreparedData(
        path=path,
        dataset=info.name,
        config=info.config_name,
        version=str(info.version),
        resolution=resolution,
        class_names=_class_names(path, info, label, parts["shards"]),
        features=("image", "label"),
        encoding="photo",
        stored_names={"image": image, "label": label},
        **parts,
    )


def _read_info(path: str) -> Any:
    """The `tfds.core.DatasetInfo` of a folder."""
    for name in (INFO, FEATURES):
        read_json(path, name)
    # The one import inside a function: it takes about a second, which runs on
    # our own sets need not spend.
    import tensorflow_datasets as tfds  # noqa: PLC0415

    try:
        return tfds.builder_from_directory(path).info
    except Exception as error:  # TFDS has no error of its own for bad files.
        raise UserError(
            f"Expected {INFO} and {FEATURES} in {path} as TFDS 4 writes them. "
            f"Received: some that fail at {error}. Have TFDS prepare the data "
            "set again."
        ) from error


def choose_features(
    features: Mapping[str, Any], supervised: Sequence[Any] | None, path: str
) -> tuple[str, str]:
    """Names of the image and of the label among the features of a set.

    The feature of that name counts; where there is none, the one that the set
    names for supervised learning; else the only one that will do.

    Raises:
        UserError: there is none, or none that could be chosen.
    """
    images = [name for name in features if _is_image(features[name])]
    labels = [name for name in features if _is_label(features[name])]
    classes = [name for name in labels if _kind(features[name]) == "ClassLabel"]
    taught = [*(supervised or ()), "", ""]
    image = _choose("image", features, images, taught[0], images)
    label = _choose("label", features, labels, taught[1], classes)
    if image and label:
        return image, label
    received = ", ".join(
        f"{name} ({_described(features[name])})" for name in sorted(features)
    )
    raise UserError(
        f"Expected {path} to have one Image of uint8, named image or the "
        "only one, and one ClassLabel or whole number, named label or the "
        f"only ClassLabel. Received: {received or 'no named features'}. "
        "Choose a data set of labelled images."
    )


def _choose(
    name: str,
    features: Mapping[str, Any],
    fitting: list[str],
    supervised: Any,
    candidates: list[str],
) -> str:
    if name in features:
        return name if name in fitting else ""
    if supervised in fitting:
        return supervised
    return candidates[0] if len(candidates) == 1 else ""


def _kind(feature: Any) -> str:
    return type(feature).__name__


def _is_image(feature: Any) -> bool:
    return _kind(feature) == "Image" and feature.np_dtype == np.uint8


def _is_label(feature: Any) -> bool:
    if _kind(feature) in ("Tensor", "Scalar"):
        return not feature.shape and np.issubdtype(feature.np_dtype, np.integer)
    return _kind(feature) == "ClassLabel"


def _described(feature: Any) -> str:
    if _kind(feature) in ("Image", "Tensor", "Scalar"):
        return f"{_kind(feature)} of {feature.tf_dtype.name}"
    return _kind(feature)


def _labelled_splits(path: str, info: Any, label: str) -> dict[str, _Shards]:
    """Shards of the splits that are not empty and whose labels are known."""
    shards = {name: _shards(path, split) for name, split in info.splits.items()}
    labelled = {
        name: files
        for name, files in shards.items()
        if files and _first_label(path, files[0], label) >= 0
    }
    if "train" not in labelled:
        received = ", ".join(
            name if name in labelled else f"{name} (no labels)"
            for name in shards
        )
        raise UserError(
            f"Expected a split named train with labels in {path}. Received: "
            f"{received or 'no splits'}. Choose a data set that has one."
        )
    return labelled


def _shards(path: str, split: Any) -> _Shards:
    shards = []
    for file, length in zip(split.filepaths, split.shard_lengths, strict=True):
        size = os.path.getsize(file) if os.path.isfile(file) else 0
        shards.append(Shard(os.path.relpath(file, path), length, size, ""))
    return tuple(shards)


def _first_label(path: str, shard: Shard, label: str) -> int:
    """Label of a shard's first record; 0 where it cannot be read.

    Splits without labels have -1 throughout. What is wrong with a shard is
    reported where it is checked or read.
    """
    try:
        return int(next(iter(_labels(path, (shard,), label, chunk=1)))[0])
    except (tf.errors.OpError, StopIteration):
        return 0


def _labels(
    path: str, shards: _Shards, label: str, chunk: int = CHUNK
) -> tf.data.Dataset:
    files = [os.path.join(path, shard.file) for shard in shards]
    return read_labels(files, {"label": label}, chunk)


def _class_names(
    path: str, info: Any, label: str, shards: dict[str, _Shards]
) -> tuple[str, ...]:
    feature = info.features[label]
    num_classes = getattr(feature, "num_classes", None)
    if not num_classes:
        return tuple(map(str, range(_count_classes(path, label, shards))))
    # TFDS loses its own error on this.
    if len(feature.names) != num_classes:
        file = feature.get_names_filepath(path, label)
        raise UserError(
            f"Expected {file} to name the {num_classes} classes of {FEATURES}. "
            f"Received: {len(feature.names)} names. Have TFDS prepare the "
            "data set again."
        )
    return tuple(feature.names)


def _count_classes(path: str, label: str, shards: dict[str, _Shards]) -> int:
    """Reads every label; a number does not say how many there may be."""
    files = tuple(dict.fromkeys(sum(shards.values(), ())))
    try:
        batches = list(_labels(path, files, label).as_numpy_iterator())
    except tf.errors.OpError as error:
        raise UserError(
            f"Expected to read feature {label} in every record of {path}. "
            f"Received: {str(error).splitlines()[0]} Have TFDS prepare the "
            "data set again."
        ) from error
    numbers = np.unique(np.concatenate(batches))
    count = len(numbers)
    if numbers.tolist() != list(range(count)):
        raise UserError(
            f"Expected feature {label} of {path} to number its {count} "
            f"classes from 0 to {count - 1}. Received: numbers from "
            f"{numbers[0]} to {numbers[-1]}. Choose a data set whose label is "
            "a ClassLabel."
        )
    return count


def _parts(path: str, shards: dict[str, _Shards]) -> dict[str, Any]:
    """The fields of `PreparedData` that say what training and tests read."""
    train = shards["train"]
    count = sum(shard.num_examples for shard in train)
    test = shards.get("test") or shards.get("validation")
    if test:
        num_test = sum(shard.num_examples for shard in test)
        return {
            "shards": {"train": train, "test": test},
            "num_examples": {"train": count, "test": num_test},
        }
    if count < TEST_EVERY:
        raise UserError(
            f"Expected at least {TEST_EVERY} images in split train of {path}, "
            "which has no labelled split test or validation, so that every "
            f"{TEST_EVERY}th is one. Received: {count}. Choose a larger data "
            "set."
        )
    # Stored order is as good as random: TFDS shuffles by hash when it writes.
    tested = np.arange(1, count + 1) % TEST_EVERY == 0
    return {
        "shards": {"train": train, "test": train},
        "num_examples": {
            "train": count - count // TEST_EVERY,
            "test": count // TEST_EVERY,
        },
        "chosen": {"train": ~tested, "test": tested},
    }
