"""Tests of deepi2i_tf/serving/translate_photos.py."""

import os

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.config.commands import TranslateOptions
from deepi2i_tf.serving import photos
from deepi2i_tf.serving import translate_photos as module
from deepi2i_tf.utils import image_geometry, image_grid
from deepi2i_tf.utils.errors import UserError
from tests.serving import tiny_translator


@pytest.fixture
def folder(tmp_path):
    """A folder with two photos."""
    path = tmp_path / "photos"
    path.mkdir()
    for number, (height, width) in enumerate(((50, 80), (64, 33))):
        pixels = tiny_translator.photo(height, width, number)
        Image.fromarray(pixels).save(path / f"photo{number}.png")
    return str(path)


def translate_photos(*values, **options):
    return module.translate_photos(TranslateOptions(*values, **options))


def _pixels(path):
    return np.asarray(Image.open(path))


def test_single_files_hold_what_the_model_makes(
    exported, loaded, folder, tmp_path
):
    output = str(tmp_path / "out")
    made = translate_photos(
        exported, folder, "all", output, num_samples=2, seed=7
    )
    assert made == len(os.listdir(output)) == 12
    source = photos.read_photos([os.path.join(folder, "photo1.png")], 32)
    expected = loaded.translate(
        source / np.float32(127.5) - 1.0, [2], loaded.sample_z([8])
    )
    np.testing.assert_array_equal(
        _pixels(os.path.join(output, "photo1--meerkat--2.png")),
        image_geometry.to_uint8(expected)[0],
    )


def test_sheet_has_a_row_for_each_photo_and_a_column_for_each_class(
    exported, folder, tmp_path, monkeypatch
):
    drawn = []

    def draw_sheet(*grid):
        drawn.append(grid)
        return sheet_draw(*grid)

    sheet_draw = image_grid.draw_sheet
    monkeypatch.setattr(image_grid, "draw_sheet", draw_sheet)
    output = str(tmp_path / "out" / "sheet.png")
    translate_photos(exported, folder, "meerkat,husky", output)
    ((rows, row_labels, column_labels),) = drawn
    assert row_labels == ["photo0.png", "photo1.png"]
    assert column_labels == ["source", "meerkat", "husky"]
    assert [len(row) for row in rows] == [3, 3]
    source = photos.read_photos([os.path.join(folder, "photo1.png")], 32)
    np.testing.assert_array_equal(rows[1][0], source[0])
    assert _pixels(output).shape[1] > 3 * 96


def test_sheet_and_single_files_show_the_same(
    exported, folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(image_grid, "draw_sheet", _glue)
    translate_photos(exported, folder, "all", str(tmp_path / "sheet.png"))
    translate_photos(exported, folder, "all", str(tmp_path / "files"))
    rows = _pixels(tmp_path / "sheet.png").reshape(2, 32, 4, 32, 3)
    np.testing.assert_array_equal(
        rows[1, :, 2],
        _pixels(tmp_path / "files" / "photo1--golden_retriever.png"),
    )


def _glue(rows, row_labels, column_labels):
    return Image.fromarray(np.vstack([np.hstack(row) for row in rows]))


def test_interpolation_between_classes_ends_in_the_classes(
    exported, folder, tmp_path
):
    photo = os.path.join(folder, "photo0.png")
    pure, walk = str(tmp_path / "pure"), str(tmp_path / "walk")
    translate_photos(exported, photo, "husky,meerkat", pure)
    translate_photos(
        exported,
        photo,
        "husky,meerkat",
        walk,
        interpolate="classes",
        interpolation_steps=4,
    )
    assert len(os.listdir(walk)) == 4
    ends = {"husky": "01", "meerkat": "04"}
    for name, place in ends.items():
        ours = _pixels(f"{walk}/photo0--husky--meerkat--{place}.png")
        expected = _pixels(f"{pure}/photo0--{name}.png")
        # Two graphs of the same arithmetic may round apart by one step.
        difference = ours.astype(int) - expected.astype(int)
        assert np.abs(difference).max() <= 1


def test_interpolation_between_z_makes_a_row_for_each_class(
    exported, folder, tmp_path
):
    output = str(tmp_path / "walk.png")
    made = translate_photos(
        exported,
        folder,
        "husky,meerkat",
        output,
        interpolate="z",
        interpolation_steps=3,
    )
    assert made == 2 * 2 * 3
    assert _pixels(output).shape[0] > 4 * 96


def test_progress_is_told_on_stderr(exported, folder, tmp_path, capsys):
    translate_photos(exported, folder, "husky", str(tmp_path / "out"))
    assert "translated 2 of 2 pictures" in capsys.readouterr().err


def test_existing_output_is_refused_without_overwrite(
    exported, folder, tmp_path
):
    for output in (str(tmp_path / "out"), str(tmp_path / "sheet.png")):
        translate_photos(exported, folder, "husky", output)
        with pytest.raises(UserError, match="--overwrite"):
            translate_photos(exported, folder, "husky,meerkat", output)
        translate_photos(exported, folder, "husky", output, overwrite=True)
    assert len(os.listdir(tmp_path / "out")) == 2


def test_an_unwritable_output_is_refused(exported, folder, tmp_path):
    (tmp_path / "file").write_text("text")
    with pytest.raises(UserError, match="Expected to write to"):
        translate_photos(
            exported, folder, "husky", str(tmp_path / "file" / "out.png")
        )


def test_refusals_leave_nothing(exported, folder, tmp_path):
    (tmp_path / "photos" / "photo2.jpg").write_text("no photo")
    output = str(tmp_path / "out")
    cases = {
        "photo2.jpg": (exported, folder, "husky"),
        "Nearest: husky": (exported, folder, "huskey"),
        "not a folder": (str(tmp_path / "model"), folder, "husky"),
        "does not exist": (exported, str(tmp_path / "cat.jpg"), "husky"),
    }
    for match, (model, given, target) in cases.items():
        with pytest.raises(UserError, match=match):
            translate_photos(model, given, target, output)
    assert os.listdir(tmp_path) == ["photos"]
