"""Tests of deepi2i_tf/serving/translate_photos.py."""

import os

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.config.commands import TranslateOptions
from deepi2i_tf.data import photo_files
from deepi2i_tf.serving import translate_photos as module
from deepi2i_tf.serving.picture_rows import Frame, Row
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
    source = photo_files.read_photos([os.path.join(folder, "photo1.png")], 32)
    expected = loaded.translate(
        source / np.float32(127.5) - 1.0, [2], loaded.sample_z([8])
    )
    np.testing.assert_array_equal(
        _pixels(os.path.join(output, "photo1--meerkat--2.png")),
        image_geometry.to_uint8(expected)[0],
    )


def test_photos_need_no_utf_8_for_a_name(exported, folder, tmp_path, capsys):
    os.rename(f"{folder}/photo1.png", os.fsencode(folder) + b"/caf\xe9.png")
    sheet, files = str(tmp_path / "sheet.png"), str(tmp_path / "out")
    assert translate_photos(exported, folder, "husky", sheet) == 2
    assert _pixels(sheet).size
    assert translate_photos(exported, folder, "husky", files) == 2
    made = {b"caf\xe9--husky.png", b"photo0--husky.png"}
    assert set(os.listdir(os.fsencode(files))) == made


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
    source = photo_files.read_photos([os.path.join(folder, "photo1.png")], 32)
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


def _row(*suffixes):
    z = np.zeros(2, np.float32)
    return Row("", tuple(Frame(0, 0, 0.0, z, "", each) for each in suffixes))


def test_png_is_a_sheet_and_all_else_a_folder():
    assert module.is_sheet("a/out.PNG")
    assert not module.is_sheet("out")
    assert not module.is_sheet("out.png/")


def test_a_sheet_is_one_file():
    rows = [_row("cat", "dog")]
    assert module.file_names("o.png", ["a.jpg", "b"], rows) == ["o.png"]


def test_every_picture_has_its_file_photo_by_photo():
    rows = [_row("cat", "dog"), _row("fox")]
    assert module.file_names("o", ["in/a.jpg", "in/b.c.png"], rows) == [
        "o/a--cat.png",
        "o/a--dog.png",
        "o/a--fox.png",
        "o/b.c--cat.png",
        "o/b.c--dog.png",
        "o/b.c--fox.png",
    ]


def test_photos_of_one_stem_keep_their_extensions():
    names = module.file_names("o", ["a.jpg", "a.png", "b.jpg"], [_row("cat")])
    assert names == ["o/a.jpg--cat.png", "o/a.png--cat.png", "o/b--cat.png"]


def test_no_two_pictures_have_one_file_on_any_disk():
    photos = ["cat.jpg", "cat.png", "cat.jpg.png", "CAT.JPG", "a", "a--b.png"]
    rows = [_row("c", "b--c")]
    names = module.file_names("o", photos, rows)
    assert len({name.lower() for name in names}) == len(names) == 12
    assert names[:6:2] == [
        "o/cat.jpg--c.png",
        "o/cat.png--c.png",
        "o/cat.jpg.png--c.png",
    ]


def test_the_longest_names_give_files_that_can_be_written(tmp_path):
    photos = ["猫" * 83 + f"{number}.jpg" for number in range(3)]
    for name in module.file_names(str(tmp_path), photos, [_row("c" * 40)]):
        image_grid.save_png(np.zeros((2, 2, 3), np.uint8), name)
    assert len(os.listdir(tmp_path)) == 3


def test_three_photos_of_one_stem_become_three_files(
    exported, folder, tmp_path
):
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))
    for name in ("cat.jpg", "cat.png", "cat.jpg.png"):
        pixels = tiny_translator.photo(40, 40)
        Image.fromarray(pixels).save(os.path.join(folder, name))
    output = str(tmp_path / "out")
    assert translate_photos(exported, folder, "husky", output) == 3
    assert sorted(os.listdir(output)) == [
        "cat.jpg--husky.png",
        "cat.jpg.png--husky.png",
        "cat.png--husky.png",
    ]


def test_a_new_output_is_fine(tmp_path):
    for name in ("out", "out.png"):
        module.check_output(str(tmp_path / name), [], [], overwrite=False)


def test_an_output_of_the_wrong_kind_is_refused(tmp_path):
    (tmp_path / "a.png").mkdir()
    (tmp_path / "file").write_text("text")
    for name, what in (("a.png", "a folder"), ("file", "a file")):
        with pytest.raises(UserError, match=f"which is {what}"):
            module.check_output(str(tmp_path / name), [], [], overwrite=True)


def test_only_files_of_the_job_count_as_existing(tmp_path):
    (tmp_path / "a.png").write_text("old")
    output, path = str(tmp_path), str(tmp_path / "a.png")
    module.check_output(output, [path + ".png"], [], overwrite=False)
    module.check_output(output, [path], [], overwrite=True)
    with pytest.raises(UserError, match="--overwrite"):
        module.check_output(output, [path], [], overwrite=False)


def test_a_photo_is_never_replaced_not_even_by_another_name(tmp_path):
    photo, link = str(tmp_path / "a.png"), str(tmp_path / "b.png")
    (tmp_path / "a.png").write_text("photo")
    os.symlink(photo, link)
    for path in (photo, link):
        with pytest.raises(UserError, match="leave the photos alone"):
            module.check_output(path, [path], [photo], overwrite=True)


def test_too_large_a_sheet_is_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_SHEET_PIXELS", 5 * 96 * 96)
    module.check_sheet_size(5, 32)
    with pytest.raises(UserError, match="at most 5 pictures .* Received: 6"):
        module.check_sheet_size(6, 32)
