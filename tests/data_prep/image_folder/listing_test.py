import os

import pytest

from data_prep.errors import Refusal
from data_prep.image_folder import listing


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_files_are_listed_in_order_of_their_names(tmp_path):
    touch(tmp_path, "dog/b.jpg", "dog/a.jpg", "cat/1.png", "cat/.hidden")
    touch(tmp_path, "cat/Thumbs.db", "README.txt", ".git/config")
    photos = listing.list_photos(tmp_path)
    assert [photo.id for photo in photos] == [
        "cat/1.png",
        "dog/a.jpg",
        "dog/b.jpg",
    ]
    assert [photo.class_name for photo in photos] == ["cat", "dog", "dog"]
    assert {photo.split for photo in photos} == {""}
    assert photos[0].num_bytes == 1


def test_train_and_test_levels_give_the_split(tmp_path):
    touch(tmp_path, "train/cat/1", "train/dog/1", "test/cat/2", "test/dog/2")
    photos = listing.list_photos(tmp_path)
    assert [photo.split for photo in photos] == ["test"] * 2 + ["train"] * 2
    assert listing.check_classes(tmp_path, photos, 2) == ("cat", "dog")


def test_classes_may_be_called_train_and_test(tmp_path):
    touch(tmp_path, "train/1.jpg", "test/1.jpg")
    assert listing.list_photos(tmp_path)[0].class_name == "test"


@pytest.mark.parametrize(
    ("files", "seen", "remedy"),
    [
        ((), "an empty folder", "folder of pictures per class"),
        (("a.jpg", "cat/1.jpg"), "no class \\(a.jpg\\)", "named for the class"),
        (("notes.txt",), "no folders", "named for the class"),
        (("photos/cat/1.jpg",), "cat", "--manual_dir=.*photos"),
        (("cat/2019/1.jpg", "cat/2.jpg"), "2019", "Move the pictures up"),
        (("train/cat/1", "val/cat/1"), "train, val", "Rename"),
        (("a,b/1.jpg",), "a,b", "Rename"),
    ],
)
def test_other_layouts_are_refused_with_the_remedy(
    tmp_path, files, seen, remedy
):
    touch(tmp_path, *files)
    with pytest.raises(Refusal, match=seen) as refusal:
        listing.list_photos(tmp_path)
    assert refusal.match(remedy)
    assert "\n" not in str(refusal.value)


def test_a_missing_root_and_a_file(tmp_path):
    with pytest.raises(Refusal, match="nothing there"):
        listing.list_photos(tmp_path / "nowhere")
    touch(tmp_path, "file")
    with pytest.raises(Refusal, match="a file"):
        listing.list_photos(tmp_path / "file")


def check(root, least=2):
    return listing.check_classes(root, listing.list_photos(root), least)


def test_one_class_is_refused(tmp_path):
    touch(tmp_path, "cat/1", "cat/2")
    with pytest.raises(Refusal, match="one \\(cat\\)"):
        check(tmp_path)


def test_small_and_empty_classes_are_named(tmp_path):
    touch(tmp_path, "cat/1", "cat/2", "cat/3", "dog/1", "dog/2")
    (tmp_path / "emu").mkdir()
    with pytest.raises(Refusal, match="emu \\(0\\)"):
        check(tmp_path)
    with pytest.raises(Refusal, match="dog \\(2\\), emu \\(0\\)"):
        check(tmp_path, least=3)


def test_a_class_lacking_in_a_split_is_named(tmp_path):
    touch(tmp_path, "train/cat/1", "train/dog/1", "train/dog/2", "test/cat/2")
    with pytest.raises(Refusal, match="test. Received: no images of dog"):
        check(tmp_path)


def test_fingerprint_follows_names_and_sizes_not_the_place(tmp_path):
    def of(root):
        return listing.fingerprint(listing.list_photos(root))

    touch(tmp_path / "a", "cat/1", "dog/1")
    touch(tmp_path / "b", "cat/1", "dog/1")
    assert of(tmp_path / "a") == of(tmp_path / "b")
    (tmp_path / "b/dog/1").write_bytes(b"longer")
    assert of(tmp_path / "a") != of(tmp_path / "b")


def test_names_that_are_no_utf8_get_an_id(tmp_path):
    touch(tmp_path, "cat/1", "dog/1")
    with open(os.fsencode(tmp_path) + b"/cat/\xff.jpg", "wb"):
        pass
    ids = [photo.id for photo in listing.list_photos(tmp_path)]
    assert "cat/\\xff.jpg" in ids
