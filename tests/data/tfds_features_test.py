import json

import numpy as np
import pytest
import tensorflow_datasets as tfds

from deepi2i_tf.data.tfds_features import choose_features, read_features
from deepi2i_tf.utils.errors import UserError

IMAGE = tfds.features.Image()
LABEL = tfds.features.ClassLabel(num_classes=5)
FLOATS = tfds.features.Image(shape=(None, None, 1), dtype=np.float32)
VECTOR = tfds.features.Tensor(shape=(2,), dtype=np.int64)
WHOLE = tfds.features.Scalar(np.int64)
NOBODY = ("", "")


def _written(tmp_path, **features):
    """What TFDS writes down about features."""
    tfds.features.FeaturesDict(features).save_config(tmp_path)
    return json.loads((tmp_path / "features.json").read_text())


def _chosen(tmp_path, supervised=NOBODY, **features):
    read = read_features(_written(tmp_path, **features))
    return [
        feature.name for feature in choose_features(read, supervised, "there")
    ]


def test_reads_what_tfds_writes(tmp_path):
    boxes = tfds.features.Sequence({"bbox": tfds.features.BBoxFeature()})
    read = read_features(
        _written(
            tmp_path,
            image=IMAGE,
            label=LABEL,
            number=WHOLE,
            vector=VECTOR,
            depth=tfds.features.Image(shape=(None, None, 1), dtype=np.uint16),
            name=tfds.features.Text(),
            objects=boxes,
        )
    )
    assert [str(feature) for feature in read] == [
        "depth (Image of uint16)",
        "image (Image of uint8)",
        "label (ClassLabel)",
        "name (Text)",
        "number (Scalar of int64)",
        "objects (Sequence)",
        "vector (Tensor of int64)",
    ]
    assert [feature.name for feature in read if feature.is_image] == ["image"]
    labels = [feature for feature in read if feature.is_label]
    assert [feature.name for feature in labels] == ["label", "number"]
    assert labels[0].num_classes == 5


@pytest.mark.parametrize("kind", ["json", "text", "plain"])
def test_reads_what_tfds_wrote_up_to_version_4_4(tmp_path, kind):
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
                "content": {"num_classes": 7},
            },
        },
    }
    (tmp_path / "features.json").write_text(json.dumps(values))
    # TFDS itself takes this for what it wrote then.
    loaded = tfds.features.FeaturesDict.from_config(tmp_path)
    assert loaded["image"].dtype == np.uint8
    assert loaded["label"].num_classes == 7
    image, label = choose_features(read_features(values), NOBODY, "there")
    assert (image.name, image.dtype) == ("image", "uint8")
    assert (label.name, label.num_classes) == ("label", 7)


def test_names_come_first(tmp_path):
    others = {"photo": IMAGE, "breed": LABEL, "image": IMAGE, "label": WHOLE}
    assert _chosen(tmp_path, ("photo", "breed"), **others) == ["image", "label"]


def test_then_what_the_set_learns_from(tmp_path):
    others = {"a": IMAGE, "b": IMAGE, "c": LABEL, "d": LABEL, "e": WHOLE}
    assert _chosen(tmp_path, ("b", "d"), **others) == ["b", "d"]
    assert _chosen(tmp_path, ("b", "e"), **others) == ["b", "e"]


def test_then_the_only_ones(tmp_path):
    others = {"photo": IMAGE, "breed": LABEL, "width": WHOLE}
    assert _chosen(tmp_path, **others) == ["photo", "breed"]
    assert _chosen(tmp_path, ("width", "photo"), **others) == ["photo", "breed"]


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
def test_anything_else_is_refused_by_its_features(tmp_path, features):
    with pytest.raises(UserError, match="Expected there to have one Image") as no:
        _chosen(tmp_path, **features)
    message = str(no.value)
    assert all(f"{name} (" in message for name in features)


def test_examples_that_are_no_dictionaries_are_refused(tmp_path):
    IMAGE.save_config(tmp_path)
    values = json.loads((tmp_path / "features.json").read_text())
    assert read_features(values) == ()
    with pytest.raises(UserError, match="no named features"):
        choose_features((), NOBODY, "there")
