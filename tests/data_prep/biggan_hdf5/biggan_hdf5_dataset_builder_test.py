import os

import h5py
import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_prep.biggan_hdf5 import biggan_hdf5_dataset_builder as biggan_hdf5
from data_prep.pictures.split import assign_splits
from data_prep.reading.manifest import read_manifest
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.image_geometry import fit_square
from tests.data_prep.biggan_hdf5.draw_raw import draw_raw, stored
from tests.data_prep.raw_set import RawSet, assert_valid_metadata

RAW_SET = RawSet(biggan_hdf5, resolution=32, class_names_file="")
config_of, catalogue_of = RAW_SET.config, RAW_SET.catalogue
prepare = RAW_SET.prepare


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return draw_raw(tmp_path_factory.mktemp("raw"))


def test_without_a_file_it_is_refused():
    with pytest.raises(UserError, match="--manual_dir"):
        biggan_hdf5.config_from(RAW_SET.flags)


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ({}, "r32"),
        ({"class_order": "upstream"}, "r32_upstream"),
        ({"class_names_file": "names.txt"}, "r32_named"),
        (
            {"class_order": "upstream", "class_names_file": "names.txt"},
            "r32_upstream_named",
        ),
    ],
)
def test_the_name_says_what_changes_the_content(flags, name):
    assert config_of("raw", **flags).name == name


def test_the_catalogue_holds_every_row(raw):
    catalogue = catalogue_of(raw.parent)
    assert catalogue.class_names == ("000", "001", "002")
    rows = sorted(int(item.id) for item in catalogue.items)
    assert rows == list(range(36))
    assert catalogue.items[0].id == "0000000"
    labels = stored(raw)[1]
    for item in catalogue.items:
        assert item.label == labels[int(item.id)]
        assert item.path == raw
    assert catalogue.source.endswith("I32.hdf5, 36 pictures of 32 px")


def test_the_split_is_that_of_all_rows_together(raw):
    items = catalogue_of(raw).items
    assert [item.split for item in items] == assign_splits(
        [item.id for item in items], [item.label for item in items]
    )
    tested = [item.label for item in catalogue_of(raw).of_split("test")]
    assert sorted(tested) == [0, 1, 2]


def test_names_order_the_labels_unless_upstream_does(raw):
    names = str(raw.parent / "names.txt")
    named = catalogue_of(raw, class_names_file=names)
    assert named.class_names == ("husky", "otter", "tabby")
    both = catalogue_of(raw, class_names_file=names, class_order="upstream")
    assert both.class_names == ("tabby", "husky", "otter")
    upstream = catalogue_of(raw, class_order="upstream")
    assert upstream.class_names == ("000", "001", "002")
    sums = {one.source_sha256 for one in (named, both, upstream)}
    assert len(sums) == 3
    number_of = dict(enumerate((1, 2, 0)))
    labels = stored(raw)[1]
    for item in named.items:
        assert number_of[item.label] == labels[int(item.id)]
    for item in both.items:
        assert item.label == labels[int(item.id)]


def test_small_classes_are_named(tmp_path, raw):
    with pytest.raises(UserError, match=r"000 \(11 \+ 1\)"):
        catalogue_of(raw, min_images_per_class=13)
    path = draw_raw(tmp_path)
    with h5py.File(path, "a") as file:
        file["labels"][:11] = 1
    with pytest.raises(UserError, match=r"000 \(0 \+ 1\)"):
        catalogue_of(path)


@pytest.mark.parametrize(
    ("chunk", "compression"), [(None, None), (500, None), (5, "lzf")]
)
@pytest.mark.parametrize("resolution", [16, 32])
def test_tfds_reads_what_was_in_the_file(
    tmp_path, chunk, compression, resolution
):
    path = draw_raw(tmp_path / "raw", chunk=chunk, compression=compression)
    names = str(path.parent / "names.txt")
    folder = prepare(
        path,
        tmp_path / "data",
        class_names_file=names,
        class_order="upstream",
        resolution=resolution,
    )
    images, labels = stored(path)
    builder = tfds.builder_from_directory(str(folder))
    message = ["tabby", "husky", "otter"]
    assert builder.info.features["label"].names == message
    seen = set()
    for split in ("train", "test"):
        for example in builder.as_dataset(split=split).as_numpy_iterator():
            row = int(example["id"])
            seen.add(row)
            assert example["label"] == labels[row]
            expected = np.ascontiguousarray(images[row])
            if resolution != 32:
                expected = fit_square(expected, resolution)
            np.testing.assert_array_equal(example["image"], expected)
    assert seen == set(range(36))
    # What was unpacked on the way is gone.
    assert os.listdir(tmp_path / "data") == ["biggan_hdf5"]


def test_without_a_folder_for_work_nothing_is_unpacked(tmp_path, monkeypatch):
    config = config_of(draw_raw(tmp_path / "raw", compression="lzf"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    biggan_hdf5.Builder.set_up(config)
    assert not os.listdir()
    items = biggan_hdf5.Builder.make_catalogue(config).items
    picture = biggan_hdf5.Builder.make_picture(config, items[5])["image"]
    np.testing.assert_array_equal(picture, stored(items[5].path)[0][5])


def test_packed_or_not_the_prepared_set_is_the_same(tmp_path):
    sets = []
    for name, compression in (("plain", None), ("packed", "gzip")):
        path = draw_raw(tmp_path / name, compression=compression)
        manifest = read_manifest(prepare(path, tmp_path / f"{name} data"))
        del manifest["source"]
        sets.append(manifest)
    assert sets[0] == sets[1]


def test_damaged_rows_are_counted_and_listed(tmp_path):
    path = draw_raw(tmp_path / "raw", num_photos=40, chunk=1, compression="lzf")
    with h5py.File(path, "r") as file:
        chunk = file["imgs"].id.get_chunk_info(100)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset : chunk.byte_offset + 64] = b"\xff" * 64
    path.write_bytes(content)
    folder = prepare(path, tmp_path / "data")
    row = (folder / "refused.tsv").read_text().splitlines()[1]
    assert row.startswith("0000100\tcannot be read: filter returned failure")
    assert read_manifest(folder)["refused"] == 1


def test_metadata_is_valid():
    assert_valid_metadata(biggan_hdf5, "brock2019")
