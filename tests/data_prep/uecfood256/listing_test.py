import pytest

from data_prep.pictures.boxed_photos import BoxedPhoto
from data_prep.uecfood256 import listing
from deepi2i_tf.utils.errors import UserError

HEADING = "img x1 y1 x2 y2\n"


def write(root, name, text=""):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def with_folders(root, *folders, categories="id\tname\n1\trice\n2\tpilaf\n"):
    write(root, listing.CATEGORIES, categories)
    for folder in folders:
        (root / folder).mkdir()
    return root


def test_categories_are_named_by_folder(tmp_path):
    with_folders(tmp_path, "1", "2", "__MACOSX")
    write(tmp_path, "3", "a file is no folder")
    names = {"1": "rice", "2": "pilaf"}
    assert listing.read_categories(tmp_path) == names


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (("1",), "no folder for 2"),
        ((), "no folder for 1, 2"),
        (("1", "2", "10", "3"), "folders without a row: 3, 10"),
        (("1", "2", *"3456789"), "3, 4, 5, 6, 7 and 2 more"),
    ],
)
def test_table_and_folders_must_fit(tmp_path, folders, message):
    with_folders(tmp_path, *folders)
    with pytest.raises(UserError, match=message):
        listing.read_categories(tmp_path)


@pytest.mark.parametrize(
    ("categories", "message"),
    [
        ("id\tname\n1\trice\npilaf\n", "'pilaf' in line 3"),
        ("id\tname\n1\n", "'1' in line 2"),
        ("id\tname\n1\trice\n1\tpilaf\n", "two for 1"),
        ("id\tname\n", "Received: none"),
    ],
)
def test_other_tables_of_categories_are_refused(tmp_path, categories, message):
    with_folders(tmp_path, "1", categories=categories)
    with pytest.raises(UserError, match=message):
        listing.read_categories(tmp_path)


def test_a_folder_without_categories_is_refused(tmp_path):
    write(tmp_path, "UECFOOD256/category.txt")
    with pytest.raises(UserError, match="Give --manual_dir=.*/UECFOOD256"):
        listing.read_categories(tmp_path)
    with pytest.raises(UserError, match="nothing there"):
        listing.read_categories(tmp_path / "nowhere")


def test_every_row_is_a_dish(tmp_path):
    write(tmp_path, "1/bb_info.txt", HEADING + "7 1 2 31 42\n7 3 4 33 44\n")
    write(tmp_path, "2/bb_info.txt", HEADING + "7 5 6 35 46\n")
    path = write(tmp_path, "1/7.jpg")
    dishes, refused = listing.list_dishes(tmp_path, {"1": "a", "2": "b"})
    assert not refused
    assert dishes[0] == BoxedPhoto(
        id="1/7_1_2_31_42",
        class_id="1",
        photo="7",
        path=path,
        box=(1, 2, 31, 42),
    )
    assert [dish.id for dish in dishes[1:]] == [
        "1/7_3_4_33_44",
        "2/7_5_6_35_46",
    ]
    assert {dish.photo for dish in dishes} == {"7"}
    assert dishes[2].path == tmp_path / "2" / "7.jpg"


def test_photos_without_a_box_are_listed(tmp_path):
    write(tmp_path, "1/bb_info.txt", HEADING + "7 1 2 31 42\n")
    for name in ("7.jpg", "8.jpg", "9.JPG", "notes.txt", "._7.jpg"):
        write(tmp_path, f"1/{name}")
    refused = listing.list_dishes(tmp_path, {"1": "rice"})[1]
    assert refused == [
        ("1/8.jpg", "no box in bb_info.txt"),
        ("1/9.JPG", "no box in bb_info.txt"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADING + "7 1 2 31 42\n8 1 2 31\n", "'8 1 2 31' in line 3"),
        (HEADING + "7 1 2 31 4.5\n", "in line 2"),
        (HEADING + "../7 1 2 31 42\n", "in line 2"),
        (HEADING, "Received: none"),
    ],
)
def test_malformed_boxes_are_refused(tmp_path, text, message):
    write(tmp_path, "1/bb_info.txt", text)
    with pytest.raises(UserError, match=f"1/bb_info.txt.*{message}"):
        listing.list_dishes(tmp_path, {"1": "rice"})


def test_a_folder_without_boxes_is_refused(tmp_path):
    (tmp_path / "1").mkdir()
    with pytest.raises(UserError, match="1/bb_info.txt.*No such file"):
        listing.list_dishes(tmp_path, {"1": "rice"})
