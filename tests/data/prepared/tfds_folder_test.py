import json
import os

import numpy as np
import pytest
import tensorflow_datasets as tfds

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data.arrays import load_arrays
from deepi2i_tf.data.pipeline import read_split, training_batches
from deepi2i_tf.data.prepared import integrity
from deepi2i_tf.data.prepared.prepared_data import check_shards
from deepi2i_tf.data.prepared.tfds_folder import (
    choose_features,
    read_tfds_folder,
)
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set, tfds_set

IMAGE = tfds.features.Image()
LABEL = tfds.features.ClassLabel(num_classes=5)
FLOATS = tfds.features.Image(shape=(None, None, 1), dtype=np.float32)
VECTOR = tfds.features.Tensor(shape=(2,), dtype=np.int64)
WHOLE = tfds.features.Scalar(np.int64)
TRAIN, TEST = list(tfds_set.TRAIN), list(tfds_set.TEST)


def _read(path):
    data = read_tfds_folder(path, tfds_set.RESOLUTION)
    check_shards(data)
    return data


def _chosen(supervised=None, **features):
    return list(choose_features(features, supervised, "there"))


def _edit_info(path, **changes):
    file = os.path.join(path, "dataset_info.json")
    with open(file, encoding="utf-8") as stream:
        values = json.load(stream)
    values |= changes
    prepared_set.write_json(
        file, {name: value for name, value in values.items() if value}
    )
    return values


def _seen(data, split):
    """Indices of the images of a split; their labels are theirs."""
    arrays = load_arrays(data, split)
    assert set(arrays) == {"image", "label"}
    indices = tfds_set.indices_of(arrays["image"])
    assert arrays["label"].tolist() == [
        index % data.num_classes for index in indices
    ]
    return sorted(indices)


def test_what_tfds_says_of_a_set(tmp_path):
    path = tfds_set.write_set(tmp_path, config="small", num_shards=3)
    data = _read(path)
    assert (data.dataset, data.config, data.version) == (
        "pets",
        "small",
        "1.2.0",
    )
    assert data.class_names == tfds_set.CLASS_NAMES
    assert data.num_examples == {"train": 23, "test": 7}
    assert data.resolution == 16 and data.encoding == "photo"
    assert data.features == ("image", "label") and not data.chosen
    stored = sorted(name for name in os.listdir(path) if "-train." in name)
    assert [os.path.basename(p) for p in data.shard_paths("train")] == stored
    sizes = map(os.path.getsize, data.shard_paths("train"))
    assert data.num_bytes("train") == sum(sizes)


def test_photos_are_read_everywhere(tmp_path):
    data = _read(tfds_set.write_set(tmp_path))
    assert _seen(data, "train") == TRAIN
    assert _seen(data, "test") == TEST
    examples = list(read_split(data, "test", start=2))
    assert len(examples) == 5 and set(examples[0]) == {"image", "label"}
    (batch,) = training_batches(data, DataConfig(), 23, seed=1).take(1)
    assert batch["source"].shape == (23, 16, 16, 3)
    for side in ("source", "target"):
        indices = tfds_set.signed_indices_of(batch[side])
        assert sorted(indices) == TRAIN
        labels = batch[f"{side}_label"].numpy().tolist()
        assert labels == [tfds_set.label_of(index) for index in indices]


def test_features_of_other_names(tmp_path):
    path = tfds_set.write_set(tmp_path, names=("photo", "breed"))
    data = _read(path)
    assert data.class_names == tfds_set.CLASS_NAMES
    assert _seen(data, "train") == TRAIN
    assert integrity.find_damage(data) is None


def test_older_facts_are_enough(tmp_path):
    path = tfds_set.write_set(tmp_path, num_shards=2)
    values = _edit_info(path, fileFormat=None, moduleName=None)
    for split in values["splits"]:
        del split["filepathTemplate"]
    _edit_info(
        path,
        splits=values["splits"],
        supervisedKeys={"input": "image", "output": "label"},
    )
    assert _seen(_read(path), "test") == TEST


def test_any_file_name_that_tfds_can_write(tmp_path):
    path = tfds_set.write_set(tmp_path, num_shards=2)
    template = "{SPLIT}/{SHARD_INDEX}of{NUM_SHARDS}.{FILEFORMAT}"
    values = _edit_info(path)
    for split in values["splits"]:
        split["filepathTemplate"] = template
        os.makedirs(os.path.join(path, split["name"]))
        for place in range(2):
            name = f"pets-{split['name']}.tfrecord-0000{place}-of-00002"
            os.rename(
                os.path.join(path, name),
                os.path.join(
                    path, split["name"], f"0000{place}of00002.tfrecord"
                ),
            )
    _edit_info(path, splits=values["splits"])
    assert _seen(_read(path), "train") == TRAIN


def test_validation_stands_in_for_a_test_split_without_labels(tmp_path):
    splits = (
        ("train", tfds_set.TRAIN),
        ("test", range(50, 60)),
        ("validation", tfds_set.TEST),
    )
    path = tfds_set.write_set(tmp_path, splits=splits, unlabelled=("test",))
    assert _seen(_read(path), "test") == TEST


def test_test_comes_before_validation(tmp_path):
    splits = (
        ("train", tfds_set.TRAIN),
        ("validation", range(50, 60)),
        ("test", tfds_set.TEST),
    )
    assert _seen(
        _read(tfds_set.write_set(tmp_path, splits=splits)), "test"
    ) == (TEST)


@pytest.mark.parametrize("splits", [1, 2])
def test_without_labelled_test_images_a_tenth_is_held_out(tmp_path, splits):
    path = tfds_set.write_set(
        tmp_path,
        splits=(("train", range(25)), ("test", range(100, 107)))[:splits],
        unlabelled=("test",),
    )
    data = _read(path)
    assert data.num_stored("test") == 25
    assert data.num_examples == {"train": 23, "test": 2}


def test_too_few_to_hold_any_out(tmp_path):
    path = tfds_set.write_set(tmp_path, splits=(("train", range(9)),))
    with pytest.raises(UserError, match="at least 10 images.*Received: 9"):
        _read(path)


def test_no_labelled_training_split(tmp_path):
    splits = (("train", range(12)), ("test", range(12)))
    path = tfds_set.write_set(tmp_path, splits=splits, unlabelled=("train",))
    with pytest.raises(UserError, match=r"train .no labels., test"):
        _read(path)
    path = tfds_set.write_set(tmp_path / "b", splits=(("whole", range(12)),))
    with pytest.raises(UserError, match="split named train.*Received: whole"):
        _read(path)


def test_whole_numbers_are_classes_if_none_is_missing(tmp_path):
    label = tfds.features.Scalar(np.int64)
    data = _read(tfds_set.write_set(tmp_path, label=label))
    assert data.class_names == ("0", "1", "2")
    assert _seen(data, "train") == TRAIN
    gaps = (("train", range(1, 24, 3)), ("test", range(2, 24, 3)))
    path = tfds_set.write_set(tmp_path / "b", label=label, splits=gaps)
    with pytest.raises(UserError, match="from 0 to 1. Received: .* 1 to 2"):
        _read(path)
    os.remove(os.path.join(path, "pets-test.tfrecord-00000-of-00001"))
    with pytest.raises(UserError, match="read feature label.*No such file"):
        _read(path)


def test_classes_without_names_are_numbered(tmp_path):
    label = tfds.features.ClassLabel(num_classes=4)
    path = tfds_set.write_set(tmp_path, label=label)
    assert _read(path).class_names == ("0", "1", "2", "3")


def test_names_of_another_number_are_refused(tmp_path):
    path = tfds_set.write_set(tmp_path)
    with open(os.path.join(path, "label.labels.txt"), "w") as stream:
        stream.write("cat\ndog\n\n")
    with pytest.raises(UserError, match="the 3 classes.*Received: 2 names"):
        _read(path)


@pytest.mark.parametrize("file_format", ["array_record", "riegeli"])
def test_other_file_formats_are_named(tmp_path, file_format):
    path = tfds_set.write_set(tmp_path)
    _edit_info(path, fileFormat=file_format)
    with pytest.raises(UserError, match=f"tfrecord. Received: {file_format}"):
        _read(path)


def test_facts_that_are_incomplete(tmp_path):
    path = tfds_set.write_set(tmp_path)
    _edit_info(path, splits=[{"name": "train", "shardLengths": ["many"]}])
    with pytest.raises(UserError, match="as TFDS 4 writes them.*'many'"):
        _read(path)
    _edit_info(path, splits=None)
    with pytest.raises(UserError, match="Received: no splits"):
        _read(path)
    os.remove(os.path.join(path, "features.json"))
    with pytest.raises(UserError, match="Expected features.json"):
        _read(path)


def test_a_missing_and_an_empty_shard(tmp_path):
    path = tfds_set.write_set(tmp_path, num_shards=2)
    file = prepared_set.shard_file(path, "test", 0)
    os.truncate(file, 0)
    with pytest.raises(UserError, match=f"{file}.*an empty shard"):
        _read(path)
    os.remove(file)
    with pytest.raises(
        UserError, match=f"{file}.*info.json lists.*no such file"
    ):
        _read(path)


def test_names_come_first():
    others = {"photo": IMAGE, "breed": LABEL, "image": IMAGE, "label": WHOLE}
    assert _chosen(("photo", "breed"), **others) == ["image", "label"]


def test_then_what_the_set_learns_from():
    others = {"a": IMAGE, "b": IMAGE, "c": LABEL, "d": LABEL, "e": WHOLE}
    assert _chosen(("b", "d"), **others) == ["b", "d"]
    assert _chosen(("b", "e"), **others) == ["b", "e"]


def test_then_the_only_ones():
    others = {"photo": IMAGE, "breed": LABEL, "width": WHOLE}
    assert _chosen(**others) == ["photo", "breed"]
    assert _chosen(("width", "photo"), **others) == ["photo", "breed"]


@pytest.mark.parametrize(
    "features",
    [
        {"a": IMAGE, "b": IMAGE, "label": LABEL},
        {"image": IMAGE, "a": LABEL, "b": LABEL},
        {"image": IMAGE, "width": WHOLE},
        {"image": IMAGE},
        {"label": LABEL},
        {"image": IMAGE, "label": tfds.features.Text(), "breed": LABEL},
        {"image": tfds.features.Sequence(IMAGE), "a": IMAGE, "label": LABEL},
        {"image": FLOATS, "label": LABEL},
        {"image": IMAGE, "label": tfds.features.Scalar(np.float32)},
        {"image": IMAGE, "label": VECTOR},
    ],
    ids=lambda features: ",".join(features),
)
def test_anything_else_is_refused_by_its_features(features):
    with pytest.raises(
        UserError, match="Expected there to have one Image"
    ) as no:
        _chosen(**features)
    message = str(no.value)
    assert all(f"{name} (" in message for name in features)


def test_features_are_described_by_kind_and_type():
    boxes = tfds.features.Sequence({"bbox": tfds.features.BBoxFeature()})
    depth = tfds.features.Image(shape=(None, None, 1), dtype=np.uint16)
    with pytest.raises(UserError) as refusal:
        _chosen(
            number=WHOLE,
            vector=VECTOR,
            depth=depth,
            objects=boxes,
            breed=LABEL,
            name=tfds.features.Text(),
        )
    assert (
        "Received: breed (ClassLabel), depth (Image of uint16), name (Text), "
        "number (Scalar of int64), objects (Sequence), "
        "vector (Tensor of int64)."
    ) in str(refusal.value)


def test_examples_that_are_no_dictionaries_are_refused(tmp_path):
    path = tfds_set.write_set(tmp_path)
    IMAGE.save_config(path)
    with pytest.raises(UserError, match="no named features"):
        _read(path)


@pytest.mark.parametrize("kind", ["json", "text", "plain"])
def test_features_as_tfds_wrote_them_up_to_version_4_4(tmp_path, kind):
    path = tfds_set.write_set(tmp_path)
    proto = {"shape": {"dimensions": ["-1", "-1", "3"]}, "dtype": "uint8"}
    plain = {
        "shape": [None, None, 3],
        "dtype": "uint8",
        "encoding_format": None,
    }
    image = {
        "json": {"content": proto},
        "text": {"content": json.dumps(proto)},
        "plain": {"content": plain},
    }[kind]
    if kind != "plain":
        image["proto_cls"] = "tensorflow_datasets.ImageFeature"
    features = "tensorflow_datasets.core.features"
    values = {
        "type": f"{features}.features_dict.FeaturesDict",
        "content": {
            "image": {"type": f"{features}.image_feature.Image", **image},
            "label": {
                "type": f"{features}.class_label_feature.ClassLabel",
                "content": {"num_classes": 3},
            },
        },
    }
    prepared_set.write_json(os.path.join(path, "features.json"), values)
    assert _seen(_read(path), "train") == TRAIN
