import os

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from data_prep.image_folder import image_folder_dataset_builder as image_folder
from data_prep.pictures.images import read_picture
from data_prep.reading.manifest import read_manifest
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import Fit
from tests.data_prep.picture_files import flat_jpeg, png16, saved
from tests.data_prep.raw_set import assert_valid_metadata

FLAGS = {
    "resolution": 16,
    "fit": "crop",
    "pad_color": "",
    "max_refused": 0.1,
    "min_images_per_class": 2,
}


def test_without_a_folder_it_is_refused():
    with pytest.raises(UserError, match="--manual_dir"):
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


@pytest.mark.parametrize(
    ("flags", "name", "fit"),
    [
        ({"fit": "squash"}, "r16_squash", Fit("squash")),
        ({"fit": "pad"}, "r16_pad", Fit("pad")),
        (
            {"fit": "pad", "pad_color": "#00ff80"},
            "r16_pad-00ff80",
            Fit("pad", (0, 255, 128)),
        ),
    ],
)
def test_photos_are_fitted_as_asked_and_the_manifest_says_so(
    tmp_path, prepare_folder, draw_photos, flags, name, fit
):
    root = draw_photos(tmp_path / "photos", dog=3, cat=3)
    folder = prepare_folder(root, tmp_path / "data", **flags)
    assert folder.parent.name == name
    assert Fit.from_dict(read_manifest(folder)) == fit
    builder = tfds.builder_from_directory(str(folder))
    for example in builder.as_dataset(split="train").as_numpy_iterator():
        expected = read_picture(root / example["id"].decode(), 16, fit=fit)
        np.testing.assert_array_equal(example["image"], expected)
    crop = prepare_folder(root, tmp_path / "data")
    assert "fit" not in read_manifest(crop)


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


def test_an_unreadable_only_test_photo_is_replaced_by_the_next(
    tmp_path, prepare_folder, draw_photos, capsys
):
    root = draw_photos(tmp_path / "photos", cat=6, dog=6)
    catalogue = image_folder.Builder.make_catalogue(
        image_folder.config_from(FLAGS | {"manual_dir": str(root)})
    )
    for item in catalogue.of_split("test"):
        item.path.write_bytes(item.path.read_bytes()[:60])
    counts = {name: {"train": 4, "test": 1} for name in catalogue.class_names}
    folder = prepare_folder(root, tmp_path / "data", max_refused=0.2)
    assert read_manifest(folder)["counts"] == counts
    builder = tfds.builder_from_directory(str(folder))
    seen = [
        example["id"].decode()
        for split in ("train", "test")
        for example in builder.as_dataset(split=split).as_numpy_iterator()
    ]
    assert len(set(seen)) == len(seen) == 10
    # The split is that of the folder without the unreadable ones.
    for item in catalogue.of_split("test"):
        item.path.unlink()
    again = prepare_folder(root, tmp_path / "again")
    tested = [
        next(
            iter(
                tfds.builder_from_directory(str(place))
                .as_dataset(split="test", shuffle_files=False)
                .map(lambda e: e["id"])
                .batch(9)
                .as_numpy_iterator()
            )
        ).tolist()
        for place in (folder, again)
    ]
    assert sorted(tested[0]) == sorted(tested[1])


def test_captions_and_sounds_are_passed_over_before_anything_is_weighed(
    tmp_path, prepare_folder, draw_photos, capsys
):
    root = draw_photos(tmp_path / "photos", cat=6, dog=6)
    for photo in [*root.glob("*/*.png")]:
        for ending in (".txt", ".json", ".ogg", ".dat"):
            photo.with_suffix(ending).write_text("beside a photo")
    (root / "cat" / "@eaDir" / "00.png").mkdir(parents=True)
    (root / "#recycle").mkdir()
    (root / "cat" / "photo").write_bytes((root / "cat/00.png").read_bytes())
    folder = prepare_folder(root, tmp_path / "data", max_refused=0)
    manifest = read_manifest(folder)
    assert sum(manifest["counts"]["cat"].values()) == 7
    assert manifest["refused"] == 0 and len(manifest["counts"]) == 2
    told = capsys.readouterr().err
    assert "48 files in" in told
    assert "(12 .dat, 12 .json, 12 .ogg, 12 .txt)." in told


REASONS = {
    "\\xff.jpg": "not an image of a known format",
    "bomb.png": "decompression bomb: more than 89 million pixels",
    "cut.jpg": "truncated or damaged: image file is truncated",
    "empty.jpg": "zero bytes",
    "fifo.jpg": "not a regular file",
    "folder.jpg": "a folder, not a picture",
    "line.png": "absurd size: 30000 x 1 pixels",
    "loop": "a link to a folder that it stands in",
    "nowhere.jpg": "a link that leads nowhere",
    "round.jpg": "a link that leads in a circle",
    "text\tand\nline.jpg": "not an image of a known format",
    "text.jpg": "not an image of a known format",
}


def scrape(root):
    """Puts into a class what scraped folders hold."""
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    photo = saved(root, Image.fromarray(noise), "a photo.jpg")
    content = photo.read_bytes()
    files = {
        "wrong ending.png": content,
        "cmyk.jpg": flat_jpeg([0, 255, 255, 255], 0),
        "16 bits.png": png16(np.zeros((16, 16, 2), np.uint16)),
        "äöü 猫.jpg": content,
        "tab\tand\nline.jpg": content,
        "cut.jpg": content[:-2],
        "empty.jpg": b"",
        "text.jpg": b"hello",
        "text\tand\nline.jpg": b"hello",
    }
    for name, some in files.items():
        (root / name).write_bytes(some)
    with open(os.fsencode(root) + b"/\xff.jpg", "wb") as file:
        file.write(b"hello")
    saved(root, Image.new("1", (10000, 9500)), "bomb.png")
    saved(root, Image.new("L", (30000, 1)), "line.png")
    os.mkfifo(root / "fifo.jpg")
    (root / "folder.jpg").mkdir()
    (root / "link.jpg").symlink_to(photo)
    (root / "nowhere.jpg").symlink_to("gone.jpg")
    (root / "loop").symlink_to("..")
    (root / "round.jpg").symlink_to("round.jpg")


@pytest.mark.timeout(120)
def test_a_scraped_folder_is_read_or_refused_file_by_file(
    tmp_path, prepare_folder, draw_photos
):
    root = draw_photos(tmp_path / "photos", cat=5, dog=20)
    scrape(root / "dog")
    folder = prepare_folder(root, tmp_path / "data", max_refused=0.5)
    rows = (folder / "refused.tsv").read_text(encoding="utf-8").splitlines()
    refused = dict(row.split("\t") for row in rows[1:])
    assert len(rows) - 1 == len(refused) == len(REASONS)
    for name, reason in REASONS.items():
        # See `write_refused`: a row per file, whatever its name.
        message = name.replace("\t", r"\t").replace("\n", r"\n")
        assert refused[f"dog/{message}"].startswith(reason)
    manifest = read_manifest(folder)
    assert manifest["refused"] == len(REASONS)
    # The twenty, the photo, its link, and the first five of `files`.
    assert sum(manifest["counts"]["dog"].values()) == 27


def test_metadata_is_valid():
    assert_valid_metadata(image_folder)
