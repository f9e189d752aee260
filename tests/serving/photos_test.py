"""Tests of deepi2i_tf/serving/photos.py."""

import io
import pathlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from data_prep.pictures.images import read_picture
from deepi2i_tf.data import photo_files
from deepi2i_tf.serving import photos, signatures
from deepi2i_tf.utils import image_geometry
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import Fit
from tests.data_prep.picture_files import TURNED
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


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("fit", [Fit("squash"), Fit("pad", (9, 80, 200))])
def test_model_and_commands_fit_a_photo_alike(tmp_path, fit, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = _save(tmp_path / "a.png", 61, 94, exif=exif)
    command = photo_files.read_photos([path], 31, fit)
    with open(path, "rb") as file:
        graph = signatures.read_images(tf.constant([file.read()]), 31, fit)
    assert _largest_difference(image_geometry.to_uint8(graph), command) <= 1
    prepared = read_picture(pathlib.Path(path), 31, fit=fit)
    np.testing.assert_array_equal(prepared, command[0])


@pytest.fixture(scope="module")
def read_in_graph():
    spec = tf.TensorSpec((None,), tf.string)
    graph = tf.function(
        lambda files: signatures.read_images(files, 32),
        input_signature=[spec],
        autograph=False,
    )

    def read(path):
        with open(path, "rb") as file:
            return image_geometry.to_uint8(graph([file.read()])[0])

    return read


def _largest_difference(one, other):
    return np.abs(one.astype(int) - other.astype(int)).max()


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_model_and_commands_turn_a_photo_alike(
    tmp_path, read_in_graph, orientation, name
):
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x0112] = orientation
    # Of an odd rest, so that it shows what was done first: cut or turn.
    options = {"lossless": True} if name == "a.webp" else {"quality": 95}
    path = _save(tmp_path / name, 150, 211, exif=exif, **options)
    command = photo_files.read_photos([path], 32)[0]
    # Pillow rounds between its two passes: one step of 255.
    assert _largest_difference(read_in_graph(path), command) <= 1
    prepared = read_picture(pathlib.Path(path), 32)
    np.testing.assert_array_equal(prepared, command)
    upright = photo_files.read_photos(
        [_save(tmp_path / "b.png", 150, 211)], 32
    )[0]
    turned = TURNED[orientation](upright)
    assert _largest_difference(command, turned) <= 24
    differing = [o for o in TURNED if o != orientation]
    assert all(
        np.abs(command.astype(int) - TURNED[other](upright)).mean() > 10
        for other in differing
    )


@pytest.mark.parametrize(
    "name, mode, options",
    [
        ("a.png", "RGBA", {}),
        ("a.png", "LA", {}),
        ("a.png", "P", {"transparency": 7}),
        ("a.png", "L", {"transparency": 100}),
        ("a.png", "RGB", {}),
        ("a.png", "1", {}),
        ("a.webp", "RGBA", {"lossless": True}),
        ("a.gif", "P", {"transparency": 7}),
        ("a.gif", "L", {}),
        ("a.bmp", "RGB", {}),
        ("a.bmp", "P", {}),
        ("a.bmp", "L", {}),
        ("a.jpg", "L", {}),
        ("a.jpg", "CMYK", {}),
    ],
)
def test_model_and_commands_see_the_same_colours(
    tmp_path, read_in_graph, name, mode, options
):
    # Cut and not resized, which Pillow does with two roundings.
    image = Image.fromarray(tiny_translator.photo(32, 45))
    alpha = Image.fromarray(tiny_translator.photo(32, 45, 1)[..., 0])
    image = image.convert(mode.rstrip("A"))
    if mode.endswith("A"):
        image.putalpha(alpha)
    path = str(tmp_path / name)
    image.save(path, **options)
    command = photo_files.read_photos([path], 32)[0]
    assert _largest_difference(read_in_graph(path), command) <= 1
    prepared = read_picture(pathlib.Path(path), 32)
    np.testing.assert_array_equal(prepared, command)


def test_the_exported_model_translates_what_the_command_does(
    tmp_path, exported, loaded
):
    exif = Image.Exif()
    exif[0x0112] = 6
    paths = [_save(tmp_path / "phone.jpg", 64, 90, exif=exif)]
    image = Image.fromarray(tiny_translator.photo(50, 44, 2))
    image.putalpha(Image.fromarray(tiny_translator.photo(50, 44, 1)[..., 0]))
    image.save(tmp_path / "cut-out.png")
    paths.append(str(tmp_path / "cut-out.png"))
    files = [pathlib.Path(path).read_bytes() for path in paths]
    served = tf.saved_model.load(exported).signatures["serving_default"](
        image_bytes=tf.constant(files),
        target_class=tf.constant([0, 2]),
        seed=tf.constant([5, 6], tf.int64),
    )["translated_bytes"]
    sources = image_geometry.to_signed(photo_files.read_photos(paths, 32))
    z = loaded.sample_z([5, 6])
    expected = image_geometry.to_uint8(loaded.translate(sources, [0, 2], z))
    for answer, picture in zip(served.numpy(), expected, strict=True):
        answer = np.asarray(Image.open(io.BytesIO(answer)))
        # Weights of 0.5 and more: a step of a source is a few of the answer.
        assert np.abs(answer.astype(int) - picture).mean() < 1


@pytest.mark.parametrize(
    "mode, name",
    [("CMYK", "a.jpg"), ("L", "a.png"), ("1", "a.png"), ("P", "a.gif")],
)
def test_other_colour_modes_become_rgb(tmp_path, mode, name):
    path = _save(tmp_path / name, mode=mode)
    assert photo_files.read_photos([path], 32).shape == (1, 32, 32, 3)


def test_sixteen_bits_are_scaled(tmp_path):
    path = tmp_path / "scan.png"
    Image.fromarray(np.full((32, 32), 257 * 100, np.uint16)).save(path)
    assert np.unique(photo_files.read_photos([str(path)], 32)).tolist() == [100]


def test_transparent_parts_become_white(tmp_path):
    path = tmp_path / "logo.png"
    Image.new("RGBA", (32, 32), (0, 0, 0, 0)).save(path)
    assert photo_files.read_photos([str(path)], 32).min() == 255


def test_bad_files_are_refused_by_name_and_number(tmp_path):
    good = _save(tmp_path / "good.jpg")
    buffer = io.BytesIO()
    Image.fromarray(tiny_translator.photo(80, 80)).save(buffer, "PNG")
    (tmp_path / "cut.png").write_bytes(buffer.getvalue()[:500])
    (tmp_path / "text.jpg").write_text("no photo")
    (tmp_path / "zero.jpg").write_bytes(b"")
    bad = [str(tmp_path / name) for name in ("cut.png", "text.jpg", "zero.jpg")]
    with pytest.raises(UserError, match=r"cut.png \(2 more like it\)"):
        photo_files.read_photos([good, *bad], 32)
    with pytest.raises(
        UserError, match="text.jpg. Received: a file that is no"
    ):
        photo_files.read_photos(bad[1:2], 32)
    with pytest.raises(UserError, match="zero.jpg. Received: an empty file"):
        photo_files.read_photos(bad[2:], 32)
    heic = tmp_path / "phone.heic"
    heic.write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    with pytest.raises(UserError, match=r"HEIC, .*\[heif\]|.* this HEIC file"):
        photo_files.read_photos([str(heic)], 32)


def test_a_decompression_bomb_is_refused(tmp_path, monkeypatch):
    path = _save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(UserError, match="bomb"):
        photo_files.read_photos([path], 32)
