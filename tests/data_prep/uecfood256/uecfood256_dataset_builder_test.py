import pathlib
import shutil

import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_prep.reading.manifest import read_manifest
from data_prep.uecfood256 import uecfood256_dataset_builder as uecfood256
from deepi2i_tf.utils.errors import UserError
from tests.data_prep.draw_photo import cut
from tests.data_prep.raw_set import RawSet, assert_valid_metadata
from tests.data_prep.uecfood256.draw_raw import draw_raw

RAW_SET = RawSet(uecfood256)
config_of, catalogue_of = RAW_SET.config, RAW_SET.catalogue
prepare = RAW_SET.prepare


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return draw_raw(tmp_path_factory.mktemp("raw"), num_classes=6)


@pytest.fixture
def own_raw(raw, tmp_path):
    return pathlib.Path(shutil.copytree(raw, tmp_path / "raw"))


def test_without_a_folder_it_is_refused():
    with pytest.raises(UserError, match="--manual_dir"):
        uecfood256.config_from(RAW_SET.flags)


def test_the_name_says_what_changes_the_content():
    assert config_of("raw").name == "r16"
    assert config_of("raw", class_order="upstream").name == "r16_upstream"


def test_names_are_unique_without_commas_and_ordered(raw):
    assert catalogue_of(raw).class_names == (
        "boned sliced Hainan-style chicken with marinated rice",
        "eels on rice",
        "omelet (40)",
        "omelet (67)",
        "rice",
        "tempura bowl",
    )
    # Folders as strings: 1, 10, 185, 2, 40, 67.
    upstream = catalogue_of(raw, class_order="upstream")
    assert upstream.class_names == (
        "rice",
        "tempura bowl",
        "boned sliced Hainan-style chicken with marinated rice",
        "eels on rice",
        "omelet (40)",
        "omelet (67)",
    )


def test_the_catalogue_holds_every_box(raw):
    catalogue = catalogue_of(raw)
    # Of twelve photos a class, three have two boxes and three are shared.
    assert len(catalogue.items) == 6 * 18 and not catalogue.refused
    rows = (raw / "40" / "bb_info.txt").read_text().splitlines()[1:]
    expected = {tuple(map(int, row.split())) for row in rows}
    label = catalogue.class_names.index("omelet (40)")
    boxes = [item for item in catalogue.items if item.label == label]
    assert {(int(i.path.stem), *i.box) for i in boxes} == expected
    photo, *box = rows[0].split()
    assert f"40/{photo}_{'_'.join(box)}" in {item.id for item in boxes}
    assert {item.path.parent for item in boxes} == {raw / "40"}


def test_a_photo_is_on_one_side_in_all_its_folders(raw):
    catalogue = catalogue_of(raw)
    sides, folders = {}, {}
    for item in catalogue.items:
        sides.setdefault(item.path.name, set()).add(item.split)
        folders.setdefault(item.path.name, set()).add(item.path.parent.name)
    assert all(len(side) == 1 for side in sides.values())
    shared = {name for name in folders if len(folders[name]) == 2}
    assert len(shared) == 6 * 3
    tested = {item.label for item in catalogue.of_split("test")}
    assert tested == set(range(6))


def test_a_category_without_photos_is_refused(own_raw):
    for path in (own_raw / "10").glob("*.jpg"):
        path.unlink()
    with pytest.raises(UserError, match=r"tempura bowl \(0 \+ 0\)"):
        catalogue_of(own_raw)


def test_unusable_rows_are_counted_and_listed(own_raw, tmp_path):
    items = catalogue_of(own_raw).items
    table = own_raw / "1" / "bb_info.txt"
    text = table.read_text()
    photo, *box = text.splitlines()[1].split()
    outside, flat = f"{photo} 100 10 190 60\n", f"{photo} 9 9 9 50\n"
    table.write_text(text + text.splitlines()[1] + "\n" + outside + flat)
    (own_raw / "2" / "999.jpg").touch()
    lost = next(
        i for i in items if i.split == "train" and "/10/" in str(i.path)
    )
    lost.path.unlink()
    folder = prepare(own_raw, tmp_path / "data")
    rows = (folder / "refused.tsv").read_text().splitlines()[1:]
    refused = dict(row.split("\t") for row in rows)
    assert refused["2/999.jpg"] == "no box in bb_info.txt"
    assert refused[f"1/{photo}_{'_'.join(box)}"] == "listed twice"
    assert "outside the photo" in refused[f"1/{photo}_100_10_190_60"]
    assert "without area" in refused[f"1/{photo}_9_9_9_50"]
    assert lost.id in refused
    assert read_manifest(folder)["refused"] == len(rows)


def test_tfds_reads_what_was_drawn(raw, tmp_path):
    folder = prepare(raw, tmp_path, class_order="upstream")
    assert folder.parent.name == "r16_upstream"
    builder = tfds.builder_from_directory(str(folder))
    assert builder.info.features["label"].names[0] == "rice"
    order = ["1", "10", "185", "2", "40", "67"]
    seen = set()
    for split in ("train", "test"):
        for example in builder.as_dataset(split=split).as_numpy_iterator():
            name = example["id"].decode()
            seen.add(name)
            photo, *corners = name.rsplit("_", 4)
            np.testing.assert_array_equal(
                example["image"],
                cut(raw / f"{photo}.jpg", tuple(map(int, corners)), 16),
            )
            assert name.split("/")[0] == order[example["label"]]
    assert len(seen) == 108


def test_metadata_is_valid():
    assert_valid_metadata(uecfood256, "kawano2014automatic")
