import pathlib
import shutil

import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_prep.nabirds import nabirds_dataset_builder as nabirds
from data_prep.reading.manifest import read_manifest
from deepi2i_tf.utils.errors import UserError
from tests.data_prep.draw_photo import cut
from tests.data_prep.nabirds.draw_raw import draw_raw
from tests.data_prep.raw_set import RawSet, assert_valid_metadata

RAW_SET = RawSet(nabirds, official_split=False)
config_of, catalogue_of = RAW_SET.config, RAW_SET.catalogue
prepare = RAW_SET.prepare
BY_NAME = (
    "American Kestrel (Female immature)",
    "Common Eider (Adult male)",
    "Green Heron",
    "Snow Goose (White morph)",
)
# 0295, 0297, 0400, 0817.
BY_FOLDER = (BY_NAME[1], BY_NAME[3], BY_NAME[2], BY_NAME[0])


def table(root, name):
    rows = (root / f"{name}.txt").read_text().splitlines()
    return dict(row.split(" ", 1) for row in rows)


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return draw_raw(tmp_path_factory.mktemp("raw"))


@pytest.fixture
def own_raw(raw, tmp_path):
    return pathlib.Path(shutil.copytree(raw, tmp_path / "raw"))


def test_without_a_folder_it_is_refused():
    with pytest.raises(UserError, match="--manual_dir"):
        nabirds.config_from(RAW_SET.flags)


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ({}, "r16"),
        ({"class_order": "upstream"}, "r16_upstream"),
        ({"official_split": True}, "r16_official"),
        (
            {"class_order": "upstream", "official_split": True},
            "r16_upstream_official",
        ),
    ],
)
def test_the_name_says_what_changes_the_content(flags, name):
    assert config_of("raw", **flags).name == name


def test_the_catalogue_holds_every_photo(raw):
    catalogue = catalogue_of(raw)
    assert catalogue.class_names == BY_NAME and not catalogue.refused
    images = table(raw, "images")
    assert sorted(item.id for item in catalogue.items) == sorted(
        images.values()
    )
    items = {item.id: item for item in catalogue.items}
    labels = {"0295": 1, "0297": 3, "0400": 2, "0817": 0}
    for key, numbers in table(raw, "bounding_boxes").items():
        x, y, width, height = map(int, numbers.split())
        item = items[images[key]]
        assert item.box == (x, y, x + width, y + height)
        assert item.label == labels[images[key].split("/")[0]]
        assert item.path == raw / "images" / images[key]


def test_a_tenth_of_every_class_is_for_testing(raw):
    tested = [item.label for item in catalogue_of(raw).of_split("test")]
    assert sorted(tested) == [0, 1, 2, 3]


def test_the_official_split_is_kept(raw):
    catalogue = catalogue_of(raw, official_split=True)
    official = table(raw, "train_test_split")
    expected = {
        name: {"1": "train", "0": "test"}[official[key]]
        for key, name in table(raw, "images").items()
    }
    assert {item.id: item.split for item in catalogue.items} == expected
    assert len(catalogue.of_split("test")) == 24


def test_upstream_labels_follow_the_folders(raw):
    upstream = catalogue_of(raw, class_order="upstream")
    assert upstream.class_names == BY_FOLDER
    names = {item.id: BY_NAME[item.label] for item in catalogue_of(raw).items}
    for item in upstream.items:
        assert BY_FOLDER[item.label] == names[item.id]


def test_an_official_split_without_a_class_is_refused(own_raw):
    split = table(own_raw, "train_test_split")
    images = table(own_raw, "images")
    rows = (
        f"{key} {1 if images[key].startswith('0400') else value}\n"
        for key, value in split.items()
    )
    (own_raw / "train_test_split.txt").write_text("".join(rows))
    catalogue_of(own_raw)
    with pytest.raises(UserError, match=r"Green Heron \(12 \+ 0\)"):
        catalogue_of(own_raw, official_split=True)


def test_kinds_of_kinds_are_no_classes(own_raw):
    path = own_raw / "hierarchy.txt"
    path.write_text(path.read_text() + "401 400\n")
    with pytest.raises(UserError, match="a leaf in .*1 without, 400"):
        catalogue_of(own_raw)


def test_missing_photos_are_refused_and_count(own_raw, tmp_path):
    lost = catalogue_of(own_raw).of_split("train")[0]
    lost.path.unlink()
    folder = prepare(own_raw, tmp_path / "data")
    rows = (folder / "refused.tsv").read_text().splitlines()[1:]
    assert [row.split("\t")[0] for row in rows] == [lost.id]
    assert read_manifest(folder)["refused"] == 1


def test_without_photos_it_is_refused(own_raw):
    shutil.rmtree(own_raw / "images")
    with pytest.raises(UserError, match="48 photos such as .*/images/"):
        catalogue_of(own_raw)


def test_tfds_reads_what_was_drawn(raw, tmp_path):
    folder = prepare(raw, tmp_path, official_split=True)
    assert folder.parent.name == "r16_official"
    builder = tfds.builder_from_directory(str(folder))
    assert builder.info.features["label"].names == list(BY_NAME)
    boxes = {
        name: tuple(map(int, table(raw, "bounding_boxes")[key].split()))
        for key, name in table(raw, "images").items()
    }
    labels = {"0295": 1, "0297": 3, "0400": 2, "0817": 0}
    seen = set()
    for split in ("train", "test"):
        examples = list(builder.as_dataset(split=split).as_numpy_iterator())
        assert len(examples) == 24
        for example in examples:
            name = example["id"].decode()
            seen.add(name)
            left, top, width, height = boxes[name]
            box = (left, top, left + width, top + height)
            np.testing.assert_array_equal(
                example["image"], cut(raw / "images" / name, box, 16)
            )
            assert example["label"] == labels[name.split("/")[0]]
    assert len(seen) == 48


def test_metadata_is_valid():
    assert_valid_metadata(nabirds, "vanhorn2015nabirds")
