import pathlib
import shutil

import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_prep.animal_faces import animal_faces_dataset_builder as animal_faces
from data_prep.reading.manifest import read_manifest
from deepi2i_tf.utils.errors import UserError
from tests.data_prep.animal_faces.draw_raw import cut_crops, draw_raw
from tests.data_prep.draw_photo import cut
from tests.data_prep.raw_set import RawSet, assert_valid_metadata

RAW_SET = RawSet(animal_faces, class_names_file="")
config_of, catalogue_of = RAW_SET.config, RAW_SET.catalogue
prepare = RAW_SET.prepare
SYNSETS = ("n02085620", "n02110341", "n02120079")


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return draw_raw(tmp_path_factory.mktemp("raw"))


@pytest.fixture
def own_raw(raw, tmp_path):
    return pathlib.Path(shutil.copytree(raw, tmp_path / "raw"))


def test_without_a_folder_it_is_refused():
    with pytest.raises(UserError, match="--manual_dir"):
        animal_faces.config_from(RAW_SET.flags)


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ({}, "r16"),
        ({"class_order": "upstream"}, "r16_upstream"),
        ({"class_names_file": "names.txt"}, "r16_named"),
        (
            {"class_order": "upstream", "class_names_file": "names.txt"},
            "r16_upstream_named",
        ),
    ],
)
def test_the_name_says_what_changes_the_content(flags, name):
    assert config_of("raw", **flags).name == name


def test_the_catalogue_holds_every_face(raw):
    catalogue = catalogue_of(raw)
    assert catalogue.class_names == SYNSETS
    # Of twelve photos a class, every third has two faces.
    assert len(catalogue.items) == 3 * 16 and not catalogue.refused
    line = (raw / "animalface_coordinates.txt").read_text().splitlines()[0]
    name, *corners = line.split()
    item = catalogue.items[
        [item.path for item in catalogue.items].index(raw / "train" / name)
    ]
    stem = name.removesuffix(".JPEG")
    faces = {
        item.id: item.box for item in catalogue.items if stem + "_" in item.id
    }
    message = f"{stem}_{'_'.join(corners)}"
    assert faces[message] == tuple(map(int, corners)) and len(faces) == 2
    assert item.label == SYNSETS.index(name.split("/")[0])


def test_faces_on_one_photo_are_on_one_side(raw):
    sides = {}
    for item in catalogue_of(raw).items:
        sides.setdefault(item.path, set()).add(item.split)
    assert len(sides) == 36 and all(len(side) == 1 for side in sides.values())
    tested = [i.label for i in catalogue_of(raw).of_split("test")]
    assert set(tested) == {0, 1, 2}


@pytest.mark.parametrize("middle", ["", ".JPEG"])
def test_crops_give_the_ids_and_the_split_of_coordinates(raw, tmp_path, middle):
    def message(catalogue):
        return [(item.id, item.label, item.split) for item in catalogue.items]

    crops = catalogue_of(cut_crops(raw, tmp_path, middle))
    assert message(crops) == message(catalogue_of(raw))
    assert crops.class_names == SYNSETS
    assert "cut out" in crops.source


def test_names_order_the_labels_unless_upstream_does(raw):
    names = str(raw / "LOC_synset_mapping.txt")
    named = catalogue_of(raw, class_names_file=names)
    assert named.class_names == ("Arctic fox", "Chihuahua", "dalmatian")
    both = catalogue_of(raw, class_names_file=names, class_order="upstream")
    assert both.class_names == ("Chihuahua", "dalmatian", "Arctic fox")
    upstream = catalogue_of(raw, class_order="upstream")
    assert upstream.class_names == SYNSETS
    labels = [item.label for item in upstream.items]
    assert [item.label for item in both.items] == labels
    moved = [item.label for item in named.items]
    assert moved == [(label + 1) % 3 for label in labels]


def test_a_missing_name_is_refused(own_raw):
    names = own_raw / "names.txt"
    names.write_text(f"{SYNSETS[0]} Chihuahua\n")
    with pytest.raises(UserError, match=f"{SYNSETS[1]}, 2 missing"):
        catalogue_of(own_raw, class_names_file=str(names))


def test_a_line_that_stands_twice_is_refused(own_raw):
    path = own_raw / "animalface_coordinates.txt"
    first = path.read_text().splitlines()[0]
    path.write_text(path.read_text() + first + "\n")
    ((name, reason),) = catalogue_of(own_raw).refused
    assert name.startswith(f"{SYNSETS[0]}/") and reason == "listed twice"


def test_without_any_photo_it_is_refused(own_raw):
    for path in (own_raw / "train").glob("*/*"):
        path.unlink()
    with pytest.raises(UserError, match="none of them is there"):
        catalogue_of(own_raw)


def test_a_class_without_photos_is_refused_before_any_is_read(own_raw):
    shutil.rmtree(own_raw / "train" / SYNSETS[2])
    with pytest.raises(UserError, match=rf"{SYNSETS[2]} \(0 \+ 0\)"):
        catalogue_of(own_raw)


def test_missing_photos_are_refused_and_count(own_raw, tmp_path):
    items = catalogue_of(own_raw).items
    lost = next(i for i in items if i.split == "train")
    lost.path.unlink()
    gone = [item.id for item in items if item.path == lost.path]
    folder = prepare(own_raw, tmp_path / "data")
    rows = (folder / "refused.tsv").read_text().splitlines()[1:]
    assert [row.split("\t")[0] for row in rows] == sorted(gone)
    assert read_manifest(folder)["refused"] == len(gone)
    with pytest.raises(UserError, match="--max_refused"):
        prepare(own_raw, tmp_path / "strict", max_refused=0.0)


def test_tfds_reads_what_was_drawn(raw, tmp_path):
    names = str(raw / "LOC_synset_mapping.txt")
    folder = prepare(raw, tmp_path, class_names_file=names)
    assert folder.parent.name == "r16_named"
    builder = tfds.builder_from_directory(str(folder))
    named = ["Arctic fox", "Chihuahua", "dalmatian"]
    assert builder.info.features["label"].names == named
    seen = set()
    for split in ("train", "test"):
        for example in builder.as_dataset(split=split).as_numpy_iterator():
            name = example["id"].decode()
            seen.add(name)
            photo, *corners = name.rsplit("_", 4)
            path = raw / "train" / f"{photo}.JPEG"
            np.testing.assert_array_equal(
                example["image"], cut(path, tuple(map(int, corners)), 16)
            )
            kind = {"n02120079": 0, "n02085620": 1, "n02110341": 2}
            assert example["label"] == kind[name.split("/")[0]]
    assert len(seen) == 48


def test_a_cropped_tree_is_read_whole(raw, tmp_path):
    crops = cut_crops(raw, tmp_path / "crops")
    folder = prepare(crops, tmp_path / "data")
    builder = tfds.builder_from_directory(str(folder))
    examples = list(builder.as_dataset(split="test").as_numpy_iterator())
    assert examples
    for example in examples:
        photo, *corners = example["id"].decode().rsplit("_", 4)
        path = crops / f"{photo}.JPEG_{'_'.join(corners)}.jpg"
        np.testing.assert_array_equal(example["image"], cut(path, None, 16))


def test_metadata_is_valid():
    assert_valid_metadata(animal_faces, "liu2019funit")
