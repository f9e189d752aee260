import os

import pytest

from data_prep.image_folder import listing
from deepi2i_tf.utils.errors import UserError


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_files_are_listed_in_order_of_their_names(tmp_path):
    touch(tmp_path, "dog/b.jpg", "dog/a.jpg", "cat/1.png", "cat/.hidden")
    touch(tmp_path, "cat/Thumbs.db", "README.txt", ".git/config")
    photos = listing.list_photos(tmp_path).photos
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
    found = listing.list_photos(tmp_path)
    splits = [photo.split for photo in found.photos]
    assert splits == ["test"] * 2 + ["train"] * 2
    assert listing.check_classes(tmp_path, found, 2) == ("cat", "dog")


def test_classes_may_be_called_train_and_test(tmp_path):
    touch(tmp_path, "train/1.jpg", "test/1.jpg")
    assert listing.list_photos(tmp_path).photos[0].class_name == "test"


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
        (
            ("train/cat/1", "train/a.jpg", "test/cat/1"),
            "train to hold .* no class \\(a.jpg\\)",
            "named for the class",
        ),
    ],
)
def test_other_layouts_are_refused_with_the_remedy(
    tmp_path, files, seen, remedy
):
    touch(tmp_path, *files)
    with pytest.raises(UserError, match=seen) as refusal:
        listing.list_photos(tmp_path)
    assert refusal.match(remedy)
    assert "\n" not in str(refusal.value)


def test_a_missing_root_and_a_file(tmp_path):
    with pytest.raises(UserError, match="nothing there"):
        listing.list_photos(tmp_path / "nowhere")
    touch(tmp_path, "file")
    with pytest.raises(UserError, match="a file"):
        listing.list_photos(tmp_path / "file")


def check(root, least=2):
    return listing.check_classes(root, listing.list_photos(root), least)


def test_one_class_is_refused(tmp_path):
    touch(tmp_path, "cat/1", "cat/2")
    with pytest.raises(UserError, match="one \\(cat\\)"):
        check(tmp_path)


def test_small_and_empty_classes_are_named(tmp_path):
    touch(tmp_path, "cat/1", "cat/2", "cat/3", "dog/1", "dog/2")
    (tmp_path / "emu").mkdir()
    with pytest.raises(UserError, match="emu \\(0\\)"):
        check(tmp_path)
    with pytest.raises(UserError, match="dog \\(2\\), emu \\(0\\)"):
        check(tmp_path, least=3)


def test_a_class_lacking_in_a_split_is_named(tmp_path):
    touch(tmp_path, "train/cat/1", "train/dog/1", "train/dog/2", "test/cat/2")
    with pytest.raises(UserError, match="test. Received: no images of dog"):
        check(tmp_path)


def test_fingerprint_follows_names_and_sizes_not_the_place(tmp_path):
    def of(root):
        return listing.fingerprint(listing.list_photos(root).photos)

    touch(tmp_path / "a", "cat/1", "dog/1")
    touch(tmp_path / "b", "cat/1", "dog/1")
    assert of(tmp_path / "a") == of(tmp_path / "b")
    (tmp_path / "b/dog/1").write_bytes(b"longer")
    assert of(tmp_path / "a") != of(tmp_path / "b")


def test_names_that_are_no_utf8_get_an_id(tmp_path):
    touch(tmp_path, "cat/1", "dog/ä ö.jpg", "dog/a\tb\nc.jpg")
    with open(os.fsencode(tmp_path) + b"/cat/\xff.jpg", "wb"):
        pass
    ids = [photo.id for photo in listing.list_photos(tmp_path).photos]
    assert ids == ["cat/1", "cat/\\xff.jpg", "dog/a\tb\nc.jpg", "dog/ä ö.jpg"]


def test_ids_are_unique(tmp_path):
    touch(tmp_path, "cat/1", "dog/1", "cat/\\xff.jpg")
    with open(os.fsencode(tmp_path) + b"/cat/\xff.jpg", "wb"):
        pass
    found = listing.list_photos(tmp_path)
    assert len({photo.id for photo in found.photos}) == len(found.photos) == 3
    reason = "its name reads like another file's"
    assert found.refused == (("cat/\\xff.jpg", reason),)


def test_classes_have_one_name_whoever_wrote_the_folders(tmp_path):
    """macOS writes é as two code points, Linux mostly as one."""
    composed, decomposed = "caf\xe9", "cafe\u0301"
    touch(tmp_path, *(f"train/{composed}/{i}" for i in "12"), "train/dog/1")
    touch(tmp_path, f"test/{decomposed}/3", "test/dog/2")
    assert check(tmp_path) == (composed, "dog")
    photos = listing.list_photos(tmp_path).photos
    assert [p.class_name for p in photos].count(composed) == 3
    assert all(photo.path.exists() for photo in photos)


def test_two_folders_that_become_one_class_are_refused(tmp_path):
    touch(tmp_path, "caf\xe9/1", "cafe\u0301/1", "dog/1")
    with pytest.raises(UserError, match="two Unicode forms"):
        listing.list_photos(tmp_path)


def test_a_class_that_is_no_utf8_is_refused(tmp_path):
    touch(tmp_path, "dog/1")
    os.mkdir(os.fsencode(tmp_path) + b"/caf\xe9")
    with pytest.raises(UserError, match=r"UTF-8.*Received: caf\\xe9\."):
        listing.list_photos(tmp_path)


def link(folder, **targets):
    for name, target in targets.items():
        (folder / name).symlink_to(target)


def test_links_to_pictures_and_class_folders_are_followed(tmp_path):
    touch(tmp_path, "elsewhere/dogs/1", "elsewhere/one", "photos/cat/1")
    link(tmp_path / "photos", dog=tmp_path / "elsewhere/dogs")
    link(tmp_path / "photos/cat", two="../../elsewhere/one")
    link(tmp_path, root="photos")
    for name in ("photos", "root"):
        found = listing.list_photos(tmp_path / name)
        ids = [photo.id for photo in found.photos]
        assert ids == ["cat/1", "cat/two", "dog/1"]
        assert not found.refused


@pytest.mark.timeout(60)
def test_links_that_lead_to_no_picture_are_refused(tmp_path):
    root = tmp_path / "photos"
    touch(root, "cat/1", "dog/1")
    touch(tmp_path, "elsewhere/1")
    link(root, loop=".", gone="nowhere", a="b", b="a", up=tmp_path)
    link(root / "cat", self="..", own=".", gone="nowhere.jpg", a="b", b="a")
    # Seen from /elsewhere it is no loop, seen from the root it is.
    link(root, far=tmp_path / "elsewhere")
    link(tmp_path / "elsewhere", back=root)
    found = listing.list_photos(root)
    circle, nowhere = (
        "a link that leads in a circle",
        "a link that leads nowhere",
    )
    above = "a link to a folder that it stands in"
    assert dict(found.refused) == {
        "loop": above,
        "up": above,
        "gone": nowhere,
        "a": circle,
        "b": circle,
        "cat/self": above,
        "cat/own": above,
        "cat/gone": nowhere,
        "cat/a": circle,
        "cat/b": circle,
        "far/back": above,
    }
    assert [photo.id for photo in found.photos] == ["cat/1", "dog/1", "far/1"]


def test_a_link_to_another_folder_is_a_folder_in_a_folder(tmp_path):
    touch(tmp_path, "cat/1", "dog/1")
    link(tmp_path / "cat", more="../dog")
    with pytest.raises(UserError, match="a folder in it \\(more\\)"):
        listing.list_photos(tmp_path)


def test_loops_among_given_splits(tmp_path):
    touch(tmp_path, "train/cat/1", "test/cat/1")
    link(tmp_path / "train", up="..")
    link(tmp_path / "train/cat", up="..")
    found = listing.list_photos(tmp_path)
    assert [name for name, _ in found.refused] == ["train/up", "train/cat/up"]
    assert len(found.photos) == 2


def test_a_folder_named_like_a_picture_is_no_class_of_its_own(tmp_path):
    touch(tmp_path, "cat/1", "cat/a.jpg/thumbnail", "dog/1")
    (tmp_path / "dog/b.PNG").mkdir()
    found = listing.list_photos(tmp_path)
    assert len(found.photos) == 2
    reason = "a folder, not a picture"
    assert dict(found.refused) == {"cat/a.jpg": reason, "dog/b.PNG": reason}


def test_a_folder_for_every_photo_is_told_apart_from_a_small_class(tmp_path):
    touch(tmp_path, *(f"{number}/photo.jpg" for number in range(9)))
    found = listing.list_photos(tmp_path)
    with pytest.raises(UserError, match=r"4 more. Put all pictures of a class"):
        listing.check_classes(tmp_path, found, 2)
    touch(tmp_path, *(f"{number}/more.jpg" for number in range(7)))
    found = listing.list_photos(tmp_path)
    with pytest.raises(UserError, match=r"7 \(1\), 8 \(1\). Add images"):
        listing.check_classes(tmp_path, found, 2)
