import io

import numpy as np
import pytest
from PIL import Image

from data_prep.errors import Refusal
from data_prep.images import read_picture


def saved(tmp_path, image, name="picture.png", **options):
    path = tmp_path / name
    image.save(path, **options)
    return path


def reason(path):
    with pytest.raises(Refusal) as refusal:
        read_picture(path, 16)
    return str(refusal.value)


def halves(mode, first, second, size=(32, 32)):
    image = Image.new(mode, size, first)
    image.paste(second, (0, 0, size[0], size[1] // 2))
    return image


def test_the_centre_square_is_kept(tmp_path):
    image = Image.new("RGB", (60, 20), "red")
    image.paste("blue", (20, 0, 40, 20))
    pixels = read_picture(saved(tmp_path, image), 20)
    assert pixels.dtype == np.uint8
    assert (pixels == (0, 0, 255)).all()


def test_shrinking_is_antialiased(tmp_path):
    board = np.indices((64, 64)).sum(0) % 2 * 255
    image = Image.fromarray(board.astype(np.uint8))
    pixels = read_picture(saved(tmp_path, image), 8)
    # A checkerboard averages to grey; without a filter it stays 0 and 255.
    np.testing.assert_allclose(pixels, 127.5, atol=8)


def test_exif_turns_the_photo(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    image = halves("RGB", "white", "black")
    path = saved(tmp_path, image, "a.jpg", exif=exif, quality=95)
    pixels = read_picture(path, 16)
    assert pixels[2].mean() > 240 and pixels[-3].mean() < 15


def test_cmyk(tmp_path):
    # Cyan ink alone: no red.
    image = Image.new("CMYK", (32, 32), (255, 0, 0, 0))
    pixels = read_picture(saved(tmp_path, image, "a.jpg", quality=95), 16)
    np.testing.assert_allclose(pixels[8, 8], (0, 255, 255), atol=4)


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_16_bits_are_not_clipped(tmp_path, ending):
    ramp = np.linspace(0, 65535, 32).astype(np.uint16)
    image = Image.fromarray(np.tile(ramp, (32, 1)))
    pixels = read_picture(saved(tmp_path, image, f"a.{ending}"), 32)
    np.testing.assert_allclose(pixels[0, :, 0], ramp / 257, atol=0.51)


def test_greyscale_and_bilevel(tmp_path):
    assert (
        read_picture(saved(tmp_path, Image.new("L", (9, 9), 77)), 9) == 77
    ).all()
    white = saved(tmp_path, Image.new("1", (9, 9), 1))
    assert (read_picture(white, 9) == 255).all()


def test_holes_of_a_palette_are_white(tmp_path):
    image = Image.new("P", (16, 16), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (0, 0, 16, 8))
    pixels = read_picture(saved(tmp_path, image, transparency=0), 16)
    assert (pixels[2] == (0, 0, 255)).all()
    assert (pixels[13] == (255, 255, 255)).all()


def test_half_transparent_is_mixed_with_white(tmp_path):
    image = Image.new("RGBA", (16, 16), (0, 0, 0, 128))
    pixels = read_picture(saved(tmp_path, image), 16)
    np.testing.assert_allclose(pixels, 127, atol=1)


def test_zero_bytes_and_no_image(tmp_path):
    path = tmp_path / "a.jpg"
    path.touch()
    assert reason(path) == "zero bytes"
    path.write_bytes(b"hello, I am a text")
    assert reason(path) == "not an image of a known format"


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_truncated(tmp_path, ending):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    path = saved(tmp_path, Image.fromarray(noise), f"a.{ending}")
    path.write_bytes(path.read_bytes()[:2000])
    assert reason(path).startswith("truncated or damaged: ")


def test_absurd_sizes(tmp_path):
    assert "absurd size: 1 x 1" in reason(
        saved(tmp_path, Image.new("L", (1, 1)))
    )
    assert "absurd size" in reason(saved(tmp_path, Image.new("L", (9000, 9))))


def test_bomb_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = saved(tmp_path, Image.new("L", (300, 300)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50_000)
    assert reason(path).startswith("decompression bomb")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    assert reason(path).startswith("decompression bomb")


def test_floating_point_pixels(tmp_path):
    image = Image.fromarray(np.ones((16, 16), np.float32))
    assert "floating-point" in reason(saved(tmp_path, image, "a.tif"))


def test_broken_exif_does_not_cost_the_photo(tmp_path):
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(
        buffer, "JPEG", exif=b"Exif\0\0nonsense that is no EXIF"
    )
    path = tmp_path / "a.jpg"
    path.write_bytes(buffer.getvalue())
    assert read_picture(path, 16)[8, 8, 0] > 240
