"""No file makes the process die or wait; each bad one has its reason."""

import io
import os
import re
import socket
import struct
import warnings

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from data_prep.pictures.images import read_picture
from deepi2i_tf.utils.errors import UserError
from tests.data_prep.picture_files import flat_jpeg, saved, without_rights


def reason(path, resolution=16):
    with pytest.raises(UserError) as refusal:
        read_picture(path, resolution)
    message = str(refusal.value)
    assert message.isprintable() and str(path.parent) not in message
    return message


def encoded(ending, **options):
    noise = np.random.default_rng(0).integers(0, 255, (12, 16, 3), np.uint8)
    image = Image.fromarray(noise).resize((160, 120))
    buffer = io.BytesIO()
    image.save(buffer, ending, **options)
    return buffer.getvalue()


KINDS = {
    "baseline": ("JPEG", {}),
    "progressive": ("JPEG", {"progressive": True}),
    "png": ("PNG", {}),
    "gif": ("GIF", {}),
    "bmp": ("BMP", {}),
    "webp": ("WEBP", {}),
    "webp lossless": ("WEBP", {"lossless": True}),
    "tiff": ("TIFF", {}),
    "tiff lzw": ("TIFF", {"compression": "tiff_lzw"}),
    "jpeg 2000": ("JPEG2000", {}),
    "ppm": ("PPM", {}),
    "avif": ("AVIF", {}),
}


def test_heic_is_named_with_the_extra_that_reads_it(tmp_path):
    path = tmp_path / "phone.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    assert re.fullmatch(r"HEIC, .*\[heif\]'|.* this HEIC file", reason(path))


@pytest.mark.parametrize("kept", [0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
@pytest.mark.parametrize("kind", KINDS)
def test_truncated(tmp_path, kind, kept):
    ending, options = KINDS[kind]
    content = encoded(ending, **options)
    path = tmp_path / "file"
    path.write_bytes(content)
    read_picture(path, 64)
    path.write_bytes(content[: int(len(content) * kept)])
    message = reason(path, 64)
    # A TIFF's directory may lie at its end; without it, it is nothing.
    assert message.startswith("truncated or damaged: ") or (
        ending == "TIFF" and message == "not an image of a known format"
    )


@pytest.mark.parametrize("progressive", [False, True])
def test_every_cut_through_the_ends_of_a_jpeg_is_noticed(tmp_path, progressive):
    content = encoded("JPEG", progressive=progressive)
    path = tmp_path / "file"
    for kept in (*range(1, 700, 23), *range(len(content) - 40, len(content))):
        path.write_bytes(content[:kept])
        reason(path, 64)
        # Large enough for a decode at an eighth.
        reason(path, 8)


def test_what_is_no_image(tmp_path):
    path = tmp_path / "a.jpg"
    path.touch()
    assert reason(path) == "zero bytes"
    for content in (b"hello, I am a text\n", b"<html>404</html>", b"\0" * 999):
        path.write_bytes(content)
        assert reason(path) == "not an image of a known format"


def test_formats_that_start_foreign_programs_are_unknown(tmp_path):
    path = saved(tmp_path, Image.new("RGB", (16, 16)), "a.eps")
    assert reason(path) == "not an image of a known format"


@pytest.mark.parametrize("size", [(1, 1), (30000, 1), (1, 30000), (9000, 9)])
def test_absurd_sizes(tmp_path, size):
    message = reason(saved(tmp_path, Image.new("L", size)))
    assert message == f"absurd size: {size[0]} x {size[1]} pixels"


@pytest.mark.parametrize("action", ["error", "ignore"])
@pytest.mark.parametrize("side", [300, 600])
def test_a_bomb_is_refused_before_it_is_decoded(
    tmp_path, monkeypatch, side, action
):
    path = saved(tmp_path, Image.new("L", (side, side)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 80_000)
    monkeypatch.delattr(PngImagePlugin.PngImageFile, "load_read")
    with warnings.catch_warnings():
        warnings.simplefilter(action)
        assert reason(path).startswith("decompression bomb")


def test_a_header_that_lies_about_its_size_costs_nothing(tmp_path):
    path = tmp_path / "a.jpg"
    true, lie = struct.pack(">HH", 16, 16), struct.pack(">HH", 65500, 65500)
    path.write_bytes(flat_jpeg([7]).replace(true, lie))
    assert reason(path) == "decompression bomb: more than 89 million pixels"


def test_a_bomb_in_a_text(tmp_path):
    texts = PngImagePlugin.PngInfo()
    texts.add_text("comment", "x" * 10_000_000, zip=True)
    path = saved(tmp_path, Image.new("L", (16, 16)), pnginfo=texts)
    assert path.stat().st_size < 20_000
    assert reason(path).startswith("truncated or damaged: Decompressed data")


@pytest.mark.parametrize(
    ("dtype", "message"), [(np.float32, "floating-point"), (np.int32, "32-bit")]
)
def test_pixels_of_unknown_range(tmp_path, dtype, message):
    image = Image.fromarray(np.ones((16, 16), dtype))
    path = saved(tmp_path, image, "a.tif")
    assert reason(path) == f"{message} pixels, whose range is unknown"


@pytest.mark.timeout(60)
def test_what_is_no_regular_file_is_not_opened(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "fifo.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "device.jpg").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        # Whose path must be shorter than those of pytest's folders.
        monkeypatch.chdir(tmp_path)
        server.bind("socket.jpg")
        for path in sorted(tmp_path.iterdir()):
            assert reason(path) == "not a regular file"


def test_links(tmp_path):
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    message = "cannot be opened: No such file or directory"
    assert reason(tmp_path / "nowhere") == message
    message = "cannot be opened: Too many levels of symbolic links"
    assert reason(tmp_path / "a") == message
    path = saved(tmp_path, Image.new("L", (16, 16), 7))
    (tmp_path / "good").symlink_to(path)
    assert (read_picture(tmp_path / "good", 16) == 7).all()


def test_no_right_to_read(tmp_path):
    path = tmp_path / "a.png"
    path.touch(0)
    with without_rights():
        assert reason(path) == "cannot be opened: Permission denied"


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bits_end_in_a_picture_or_a_reason(tmp_path, seed):
    random = np.random.default_rng(seed)
    for ending, options in KINDS.values():
        content = bytearray(encoded(ending, **options))
        for place in random.integers(0, len(content), 12):
            content[place] ^= 1 << random.integers(8)
        path = tmp_path / "file"
        path.write_bytes(content)
        try:
            assert read_picture(path, 16).shape == (16, 16, 3)
        except UserError as refusal:
            assert str(refusal).isprintable()
