import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_prep.errors import Refusal
from data_prep.image_folder import image_folder_dataset_builder as image_folder
from data_prep.images import read_picture
from data_prep.manifest import read_manifest

FLAGS = {"resolution": 16, "max_refused": 0.1, "min_images_per_class": 2}


def test_without_a_folder_it_is_refused():
    with pytest.raises(Refusal, match="--manual_dir"):
        image_folder.config_from(FLAGS | {"manual_dir": None})
    config = image_folder.config_from(FLAGS | {"manual_dir": "photos"})
    assert config.name == "r16"


def test_tfds_reads_what_was_there(tmp_path, prepare_folder, draw_photos):
    root = draw_photos(tmp_path / "photos", dog=12, cat=9)
    folder = prepare_folder(root, tmp_path / "data")
    builder = tfds.builder_from_directory(str(folder))
    assert builder.info.features["label"].names == ["cat", "dog"]
    seen = set()
    for split, count in (("train", 19), ("test", 2)):
        examples = list(builder.as_dataset(split=split).as_numpy_iterator())
        assert len(examples) == count
        assert {example["label"] for example in examples} == {0, 1}
        for example in examples:
            name = example["id"].decode()
            seen.add(name)
            np.testing.assert_array_equal(
                example["image"], read_picture(root / name, 16)
            )
            assert name.startswith(("cat/", "dog/")[example["label"]])
    assert len(seen) == 21


def test_the_given_split_is_kept(tmp_path, prepare_folder, draw_photos):
    root = tmp_path / "photos"
    draw_photos(root / "train", cat=5, dog=4)
    draw_photos(root / "test", cat=3, dog=3)
    manifest = read_manifest(prepare_folder(root, tmp_path / "data"))
    assert manifest["counts"] == {
        "cat": {"train": 5, "test": 3},
        "dog": {"train": 4, "test": 3},
    }


def test_refused_files_are_counted_and_listed(
    tmp_path, prepare_folder, draw_photos
):
    root = draw_photos(tmp_path / "photos", cat=20, dog=20)
    (root / "cat" / "empty.jpg").touch()
    (root / "dog" / "text.jpg").write_text("hello")
    folder = prepare_folder(root, tmp_path / "data")
    rows = (folder / "refused.tsv").read_text().splitlines()
    assert sorted(rows[1:]) == [
        "cat/empty.jpg\tzero bytes",
        "dog/text.jpg\tnot an image of a known format",
    ]
    assert read_manifest(folder)["refused"] == 2


def test_metadata_is_valid():
    metadata = image_folder.Builder.get_metadata()
    valid = {
        tag.partition(" ")[0] for tag in tfds.core.dataset_metadata.valid_tags()
    }
    assert metadata.tags and set(metadata.tags) <= valid
    assert "--manual_dir" in metadata.description
