import os

import pytest

from data_prep.animal_faces import listing
from data_prep.pictures.boxed_photos import BoxedPhoto
from deepi2i_tf.utils.errors import UserError


def write(root, name, text=""):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def with_lines(root, *lines):
    write(root, listing.COORDINATES, "\n".join(lines))
    return root


def test_coordinates_are_corners_and_part_of_the_name(tmp_path):
    path = write(tmp_path, "train/n01/n01_7.JPEG")
    with_lines(tmp_path, "n01/n01_7.JPEG 1 2 31 42", "n02/n02_9.JPEG -1 0 5 6")
    first, second = listing.list_coordinates(tmp_path)
    assert first == BoxedPhoto(
        id="n01/n01_7_1_2_31_42",
        class_id="n01",
        photo="n01/n01_7",
        path=path,
        box=(1, 2, 31, 42),
    )
    assert second.id == "n02/n02_9_-1_0_5_6" and not second.path.exists()


@pytest.mark.parametrize("place", [".", "train", "ILSVRC/Data/CLS-LOC/train"])
def test_photos_are_found_in_the_usual_places(tmp_path, place):
    path = write(tmp_path, f"{place}/n01/n01_7.JPEG")
    with_lines(tmp_path, "n01/n01_7.JPEG 1 2 31 42")
    assert listing.list_coordinates(tmp_path)[0].path == path


@pytest.mark.parametrize(
    "line",
    [
        "n01/n01_7.JPEG 1 2 31",
        "n01/n01_7.JPEG 1 2 31 4.5",
        "n01/n01_7.JPEG 1 2 31 42 0.99",
        "n01/n01_7.jpg 1 2 31 42",
        "n01_7.JPEG 1 2 31 42",
        "../n01_7.JPEG 1 2 31 42",
    ],
)
def test_malformed_lines_are_refused_by_number(tmp_path, line):
    with_lines(tmp_path, "n01/n01_7.JPEG 1 2 31 42", line)
    with pytest.raises(UserError, match="in line 2"):
        listing.list_coordinates(tmp_path)


def test_empty_coordinates_are_refused(tmp_path):
    with_lines(tmp_path)
    with pytest.raises(UserError, match="Received: none. Get the file"):
        listing.list_coordinates(tmp_path)


def test_coordinates_without_photos_are_refused(tmp_path):
    with_lines(tmp_path, "n01/n01_7.JPEG 1 2 31 42")
    write(tmp_path, "train/n01.tar")
    with pytest.raises(UserError, match="such as n01.*animalface.*, train"):
        listing.list_coordinates(tmp_path)


@pytest.mark.parametrize("middle", ["", ".JPEG"])
def test_crops_give_the_names_that_coordinates_give(tmp_path, middle):
    name = f"n01/n01_7{middle}_1_-2_31_42"
    path = write(tmp_path, f"{name}.jpg")
    write(tmp_path, "n01/n01_8_5_6_7_8.JPG")
    faces, refused = listing.list_crops(tmp_path)
    assert not refused
    assert faces[0] == BoxedPhoto(
        id="n01/n01_7_1_-2_31_42",
        class_id="n01",
        photo="n01/n01_7",
        path=path,
        box=None,
    )
    assert faces[1].id == "n01/n01_8_5_6_7_8"


def test_files_that_are_no_crops_are_listed(tmp_path, capsys):
    write(tmp_path, "n01/n01_7_1_2_31_42.jpg")
    write(tmp_path, "n01/n01_7.JPEG")
    write(tmp_path, "n01/n01_7_1_2_31_42_0.99.jpg")
    write(tmp_path, "n01/.hidden")
    write(tmp_path, "others/n01_9_1_2_31_42.jpg")
    write(tmp_path, "n02")
    write(tmp_path, "n01/Thumbs.db")
    write(tmp_path, "n01/._n01_8_1_2_31_42.jpg")
    write(tmp_path, "n01/@eaDir/n01_8_1_2_31_42.jpg")
    write(tmp_path, "n01/n01_8.xml")
    with open(os.fsencode(tmp_path) + b"/n01/\xff.jpg", "wb"):
        pass
    faces, refused = listing.list_crops(tmp_path)
    assert len(faces) == 1
    assert sorted(refused) == [
        ("n01/\\xff.jpg", "no corners in the name"),
        ("n01/n01_7.JPEG", "no corners in the name"),
        ("n01/n01_7_1_2_31_42_0.99.jpg", "no corners in the name"),
    ]
    assert "1 file in" in capsys.readouterr().err


def test_neither_coordinates_nor_crops_are_refused(tmp_path):
    def refusal_of(root):
        with pytest.raises(UserError, match="FUNIT has the file") as refusal:
            listing.list_crops(root)
        return str(refusal.value)

    assert "nothing there" in refusal_of(tmp_path / "nowhere")
    assert "an empty folder" in refusal_of(tmp_path)
    write(tmp_path, "cat/1.jpg")
    assert "Received: cat." in refusal_of(tmp_path)
    write(tmp_path, "n01/n01_7.JPEG")
    assert "Received: n01/n01_7.JPEG." in refusal_of(tmp_path)


@pytest.mark.parametrize("blank", [" ", "\t"])
def test_the_first_name_of_a_synset_counts(tmp_path, blank):
    lines = (f"n02{blank}coach dog, dalmatian\n", f"n01{blank}Chihuahua\n")
    path = write(tmp_path, "names.txt", "".join(lines) + "n03 crane\n")
    names = {"n01": "Chihuahua", "n02": "coach dog"}
    assert listing.read_names(path, ["n01", "n02"]) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n01 Chihuahua\n", "no name of n02, 2 missing in all"),
        ("n01 Chihuahua\nn02\nn03 crane\n", "'n02' in line 2"),
        ("n01 a\nn02 b\nn03 c\nn02 d\n", "two for n02"),
        ("", "Received: none"),
    ],
)
def test_other_files_of_names_are_refused(tmp_path, text, message):
    path = write(tmp_path, "names.txt", text)
    with pytest.raises(UserError, match=message):
        listing.read_names(path, ["n01", "n02", "n03"])


def test_a_missing_file_of_names_is_refused(tmp_path):
    with pytest.raises(UserError, match="names.txt.*No such file"):
        listing.read_names(tmp_path / "names.txt", ["n01"])
