import pytest

from data_prep.nabirds import listing
from data_prep.pictures.boxed_photos import BoxedPhoto
from deepi2i_tf.utils.errors import UserError

TABLES = {
    "images.txt": "a-1 0295/a1.jpg\nb-2 1005/b2.jpg\n",
    "image_class_labels.txt": "b-2 1005\na-1 295\n",
    "bounding_boxes.txt": "a-1 5 6 30 40\nb-2 0 1 20 10\n",
    "train_test_split.txt": "a-1 1\nb-2 0\n",
    "classes.txt": "0 Birds\n1 Ducks\n295 Eider (Adult male)\n1005 Oriole\n",
    "hierarchy.txt": "1 0\n295 1\n1005 0\n",
}


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "nabirds"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / name).write_text(text)
    return folder


def test_every_photo_has_the_box_of_its_bird(root):
    birds, refused = listing.list_birds(root, official_split=False)
    assert not refused
    assert birds[0] == BoxedPhoto(
        id="0295/a1.jpg",
        class_id="0295",
        photo="0295/a1.jpg",
        path=root / "images" / "0295" / "a1.jpg",
        box=(5, 6, 35, 46),
    )
    assert birds[1].class_id == "1005" and birds[1].split == ""


def test_the_official_split_is_read_where_it_is_wanted(root):
    birds, _ = listing.list_birds(root, official_split=True)
    assert [bird.split for bird in birds] == ["train", "test"]
    (root / "train_test_split.txt").unlink()
    listing.list_birds(root, official_split=False)
    with pytest.raises(UserError, match="train_test_split.txt.*No such file"):
        listing.list_birds(root, official_split=True)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("images.txt", "a-1 a1.jpg\n", "'a-1 a1.jpg' in line 1"),
        ("images.txt", "", "Received: none"),
        ("image_class_labels.txt", "a-1 295\nb-2 x\n", "'b-2 x' in line 2"),
        ("bounding_boxes.txt", "a-1 5 6 30\n", "in line 1"),
        ("train_test_split.txt", "a-1 1\nb-2 2\n", "'b-2 2' in line 2"),
        ("image_class_labels.txt", "a-1 295\na-1 295\n", "two for a-1"),
    ],
)
def test_malformed_tables_are_refused(root, name, text, message):
    (root / name).write_text(text)
    with pytest.raises(UserError, match=f"{name}.*{message}"):
        listing.list_birds(root, official_split=True)


@pytest.mark.parametrize(
    "name",
    [
        "images.txt",
        "image_class_labels.txt",
        "bounding_boxes.txt",
        "train_test_split.txt",
    ],
)
def test_a_table_that_lacks_photos_is_named(root, name):
    for file in TABLES:
        if file not in ("classes.txt", "hierarchy.txt", name):
            row = TABLES[file].splitlines()[0].split(" ", 1)[1]
            more = f"c-3 {row}\nd-4 {row}\n"
            (root / file).write_text(TABLES[file] + more)
    with pytest.raises(UserError, match=f"4 photos in .*{name}.* 2 fewer, c-3"):
        listing.list_birds(root, official_split=True)


@pytest.mark.parametrize(
    "name", ["image_class_labels.txt", "bounding_boxes.txt"]
)
def test_a_missing_table_is_refused(root, name):
    (root / name).unlink()
    with pytest.raises(UserError, match=f"{name}.*No such file"):
        listing.list_birds(root, official_split=False)


def test_another_folder_is_refused(root):
    with pytest.raises(UserError, match=f"Give --manual_dir={root}"):
        listing.list_birds(root.parent, official_split=False)


def test_a_photo_in_another_classs_folder_is_listed(root):
    (root / "image_class_labels.txt").write_text("a-1 295\nb-2 295\n")
    birds, refused = listing.list_birds(root, official_split=False)
    assert [bird.id for bird in birds] == ["0295/a1.jpg"]
    reason = "labelled 295 in image_class_labels.txt"
    assert refused == [("1005/b2.jpg", reason)]
    (root / "image_class_labels.txt").write_text("a-1 1005\nb-2 295\n")
    with pytest.raises(UserError, match="0295/a1.jpg, labelled 1005"):
        listing.list_birds(root, official_split=False)


def test_classes_with_photos_are_named(root):
    names = {"0295": "Eider (Adult male)"}
    assert listing.read_names(root, ["0295", "0295"]) == names


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("hierarchy.txt", "1 0\n295 1\n1005 295\n", "a leaf in.* 295 among"),
        ("hierarchy.txt", "1 0\n1005 0\n", "a leaf in .*1 without, 295"),
        ("hierarchy.txt", "1 0 2\n", "<child> <parent>.*line 1"),
        ("classes.txt", "1005 Oriole\n", "a name in .*1 without, 295"),
        ("classes.txt", "295\n1005 Oriole\n", "'295' in line 1"),
        ("classes.txt", "295 Eider\n295 Oriole\n", "two for 295"),
    ],
)
def test_classes_that_do_not_fit_are_refused(root, name, text, message):
    (root / name).write_text(text)
    with pytest.raises(UserError, match=f"{name}") as refusal:
        listing.read_names(root, ["0295", "1005"])
    assert refusal.match(message)
