"""Tests of deepi2i_tf/serving/photos.py."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from deepi2i_tf.serving import photos, signatures
from deepi2i_tf.utils import image_geometry
from deepi2i_tf.utils.errors import UserError
from tests.serving import tiny_translator


def _save(path, height=50, width=80, mode="RGB", **keywords):
    image = Image.fromarray(tiny_translator.photo(height, width))
    image.convert(mode).save(path, **keywords)
    return str(path)


def test_a_file_stands_for_itself(tmp_path):
    path = _save(tmp_path / "cat.jpg")
    assert photos.list_photos(path) == [path]


def test_a_folder_stands_for_its_photos_by_name(tmp_path, capsys):
    for name in ("b.PNG", "a.jpg", "c.webp", "d.avif"):
        _save(tmp_path / name)
    for name, form in (("e.jfif", "JPEG"), ("f", "PNG"), ("g.php", "GIF")):
        _save(tmp_path / name, format=form)
    for name in ("notes.txt", "README", "Thumbs.db", ".hidden.jpg"):
        (tmp_path / name).write_text("no photo")
    (tmp_path / "@eaDir").mkdir()
    names = [
        path[len(str(tmp_path)) + 1 :]
        for path in photos.list_photos(str(tmp_path))
    ]
    assert names == [
        "a.jpg", "b.PNG", "c.webp", "d.avif", "e.jfif", "f", "g.php",
    ]  # fmt: skip
    told = capsys.readouterr().err
    assert f"2 files in {tmp_path} (1 .txt, 1 without ending)." in told


def test_a_missing_path_is_refused(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        photos.list_photos(str(tmp_path / "cat.jpg"))


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match="an empty folder"):
        photos.list_photos(str(tmp_path))


def test_a_folder_of_other_files_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("no photo")
    with pytest.raises(UserError, match="1 other files"):
        photos.list_photos(str(tmp_path))


def test_a_folder_of_folders_is_refused_and_one_is_proposed(tmp_path):
    (tmp_path / "cats").mkdir()
    with pytest.raises(UserError, match="only folders .cats.. Use .*cats"):
        photos.list_photos(str(tmp_path))


def test_reading_agrees_with_the_exported_graph(tmp_path):
    path = _save(tmp_path / "cat.png", 150, 211)
    ours = photos.read_photos([path], 32)[0].astype(int)
    with open(path, "rb") as file:
        graph = signatures.read_images(tf.constant([file.read()]), 32)
    # Pillow rounds between its two passes: one step of 255.
    assert (
        np.abs(ours - image_geometry.to_uint8(graph[0]).astype(int)).max() <= 1
    )


def test_a_photo_on_its_side_is_turned(tmp_path):
    upright = Image.new("RGB", (32, 32), "black")
    upright.paste("white", (0, 0, 32, 16))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a quarter turn clockwise
    path = tmp_path / "phone.png"
    upright.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif)
    np.testing.assert_array_equal(
        photos.read_photos([str(path)], 32)[0], np.asarray(upright)
    )


@pytest.mark.parametrize(
    "mode, name",
    [("CMYK", "a.jpg"), ("L", "a.png"), ("1", "a.png"), ("P", "a.gif")],
)
def test_other_colour_modes_become_rgb(tmp_path, mode, name):
    path = _save(tmp_path / name, mode=mode)
    assert photos.read_photos([path], 32).shape == (1, 32, 32, 3)


def test_sixteen_bits_are_scaled(tmp_path):
    path = tmp_path / "scan.png"
    Image.fromarray(np.full((32, 32), 257 * 100, np.uint16)).save(path)
    assert np.unique(photos.read_photos([str(path)], 32)).tolist() == [100]


def test_transparent_parts_become_white(tmp_path):
    path = tmp_path / "logo.png"
    Image.new("RGBA", (32, 32), (0, 0, 0, 0)).save(path)
    assert photos.read_photos([str(path)], 32).min() == 255


def test_bad_files_are_refused_by_name_and_number(tmp_path):
    good = _save(tmp_path / "good.jpg")
    buffer = io.BytesIO()
    Image.fromarray(tiny_translator.photo(80, 80)).save(buffer, "PNG")
    (tmp_path / "cut.png").write_bytes(buffer.getvalue()[:500])
    (tmp_path / "text.jpg").write_text("no photo")
    (tmp_path / "zero.jpg").write_bytes(b"")
    bad = [str(tmp_path / name) for name in ("cut.png", "text.jpg", "zero.jpg")]
    with pytest.raises(UserError, match=r"cut.png \(2 more like it\)"):
        photos.read_photos([good, *bad], 32)
    with pytest.raises(
        UserError, match="text.jpg. Received: a file that is no"
    ):
        photos.read_photos(bad[1:2], 32)
    with pytest.raises(UserError, match="zero.jpg. Received: an empty file"):
        photos.read_photos(bad[2:], 32)
    heic = tmp_path / "phone.heic"
    heic.write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    with pytest.raises(UserError, match=r"HEIC, .*\[heif\]|.* this HEIC file"):
        photos.read_photos([str(heic)], 32)


def test_a_decompression_bomb_is_refused(tmp_path, monkeypatch):
    path = _save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(UserError, match="bomb"):
        photos.read_photos([path], 32)
