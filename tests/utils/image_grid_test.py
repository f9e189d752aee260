"""Tests of deepi2i_tf/utils/image_grid.py."""

import os

import numpy as np
import pytest
from PIL import Image, ImageFont

from deepi2i_tf.utils import image_grid


def _flat(value: int, side: int = 32) -> np.ndarray:
    return np.full((side, side, 3), value, np.uint8)


def _count(picture: Image.Image, value: int) -> int:
    return int(np.all(np.asarray(picture) == value, axis=-1).sum())


@pytest.mark.parametrize(
    "side, expected", [(32, 96), (64, 128), (96, 96), (128, 128), (40, 120)]
)
def test_cell_side_is_a_whole_multiple(side, expected):
    assert image_grid.cell_side(side) == expected


def test_small_pictures_are_enlarged_by_whole_pixels():
    drawn = image_grid.draw_sheet([[_flat(200), _flat(90)]], [""], ["", ""])
    assert _count(drawn, 200) == 96 * 96
    assert _count(drawn, 90) == 96 * 96
    assert drawn.size == (96 * 2 + 4 + 32, 96 + 32)


def test_large_pictures_shrink_into_a_given_cell():
    drawn = image_grid.draw_sheet([[_flat(90, 300)]], [""], [""], cell=50)
    assert _count(drawn, 90) == 50 * 50


def test_rows_and_columns_are_in_order():
    drawn = np.asarray(
        image_grid.draw_sheet(
            [[_flat(10), _flat(20)], [_flat(30), None]], ["", ""], ["", ""]
        )
    )
    centers = [
        [drawn[16 + 48 + r, 16 + 48 + c, 0] for c in (0, 100)] for r in (0, 100)
    ]
    assert centers[0] == [10, 20]
    assert centers[1][0] == 30
    assert centers[1][1] > 230


def test_labels_and_title_take_room_and_ink():
    bare = image_grid.draw_sheet([[_flat(255)]], [""], [""])
    labelled = image_grid.draw_sheet(
        [[_flat(255)]], ["cat.jpg"], ["husky"], "Title"
    )
    assert labelled.width > bare.width
    assert labelled.height > bare.height
    assert np.asarray(labelled).min() < 100
    assert np.asarray(bare).min() == 255


def test_long_labels_are_wrapped_then_shortened():
    font = ImageFont.load_default(size=13)
    lines = image_grid._fit_text("American_Staffordshire_terrier_dog", 96, font)
    assert lines[0] == "American_"
    assert lines[1].endswith("...")
    assert all(font.getlength(line) <= 96 for line in lines)
    assert image_grid._fit_text("husky", 96, font) == ["husky"]
    assert image_grid._fit_text("cat.jpg\nto husky", 96, font) == [
        "cat.jpg",
        "to husky",
    ]


def test_long_labels_do_not_reach_the_next_column():
    long = "incomprehensibilities" * 3
    drawn = np.asarray(
        image_grid.draw_sheet([[_flat(255), _flat(255)]], [""], [long, ""])
    )
    assert drawn[:, 16 + 96 + 4 :].min() == 255


@pytest.mark.parametrize(
    "rows, row_labels, column_labels",
    [
        ([], [], []),
        ([[None]], [""], [""]),
        ([[_flat(0)]], ["a", "b"], [""]),
        ([[_flat(0)]], [""], ["a", "b"]),
    ],
)
def test_grid_that_does_not_fit_is_an_error(rows, row_labels, column_labels):
    with pytest.raises(ValueError, match="Expected .* Received: "):
        image_grid.draw_sheet(rows, row_labels, column_labels)


def test_save_png_makes_the_folder_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "new" / "sheet.png"
    image_grid.save_png(_flat(7), path)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), _flat(7))
    assert os.listdir(tmp_path / "new") == ["sheet.png"]


def test_save_png_keeps_the_old_file_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "sheet.png"
    image_grid.save_png(_flat(7), path)

    def fail(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        image_grid.save_png(_flat(8), path)
    assert os.listdir(tmp_path) == ["sheet.png"]
    assert np.asarray(Image.open(path)).max() == 7
