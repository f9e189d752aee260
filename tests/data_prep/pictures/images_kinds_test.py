"""Every kind of picture file gives the colours that are in it."""

import numpy as np
import pytest
from PIL import Image

from data_prep.pictures.images import read_picture
from tests.data_prep.picture_files import (
    flat_jpeg,
    grey_png_with_hole,
    halves,
    png16,
    saved,
)

RED, BLUE, GREEN, WHITE = (255, 0, 0), (0, 0, 255), (0, 255, 0), (255,) * 3
CLEAR_RED, FULL_BLUE = (*RED, 0), (*BLUE, 255)


def read(path, resolution=16):
    """The two halves' colours; away from their border, which is smoothed."""
    pixels = read_picture(path, resolution)
    return tuple(pixels[13, 8].tolist()), tuple(pixels[2, 8].tolist())


def read_bytes(tmp_path, content, resolution=16):
    path = tmp_path / "file"
    path.write_bytes(content)
    return read_picture(path, resolution)


def two_colours():
    image = halves("P", 0, 1)
    image.putpalette([*RED, *BLUE])
    return image


@pytest.mark.parametrize(
    ("samples", "adobe_transform", "colour"),
    [
        ([77], None, (77, 77, 77)),
        # Luma and two differences of colour: JFIF's formula for red.
        ([76, 85, 255], None, (254, 0, 0)),
        ([10, 200, 30], 0, (10, 200, 30)),
        # Inverted, as Adobe writes: 255 is no ink. Cyan ink takes the red.
        ([0, 255, 255, 255], 0, (0, 255, 255)),
        ([255, 100, 50, 255], 0, (255, 100, 50)),
        ([255, 255, 255, 0], 0, (0, 0, 0)),
        ([255, 128, 0, 128], 0, (128, 64, 0)),
        # Tools that strip metadata take Adobe's marker too; browsers and
        # Pillow invert without it all the same.
        ([0, 255, 255, 255], None, (0, 255, 255)),
        ([255, 255, 255, 255], None, WHITE),
        # YCCK: the first three say 255 minus the inverted inks.
        ([76, 85, 255, 255], 2, (1, 255, 255)),
        ([76, 85, 255, 128], 2, (1, 128, 128)),
        ([0, 128, 128, 255], 2, WHITE),
    ],
)
def test_jpeg_samples_are_read_as_their_marker_says(
    tmp_path, samples, adobe_transform, colour
):
    pixels = read_bytes(tmp_path, flat_jpeg(samples, adobe_transform))
    np.testing.assert_allclose(pixels - np.array(colour), 0, atol=1)


def test_cmyk_that_pillow_wrote(tmp_path):
    image = halves("CMYK", (255, 0, 0, 0), (0, 0, 0, 255))
    for name in ("a.jpg", "a.tif"):
        below, above = read(saved(tmp_path, image, name))
        np.testing.assert_allclose(below, (0, 255, 255), atol=5)
        np.testing.assert_allclose(above, (0, 0, 0), atol=5)


def every_value():
    return np.arange(65536).reshape(256, 256).astype(np.uint16)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_value_of_a_16_bit_png(tmp_path, channels):
    grey, opaque = every_value(), np.full((256, 256), 65535, np.uint16)
    colours = [grey, grey.T, grey[::-1]] if channels > 2 else [grey]
    alpha = [opaque] if channels in (2, 4) else []
    content = png16(np.stack(colours + alpha, -1))
    pixels = read_bytes(tmp_path, content, 256)
    error = pixels - np.stack(colours, -1) / 257
    # Grey alone is rounded; of the others Pillow takes the upper eight bits.
    assert np.abs(error).max() < (0.5 if channels == 1 else 1)
    assert abs(error.mean()) < 1e-6


@pytest.mark.parametrize("channels", [2, 4])
def test_16_bit_alpha_is_mixed_with_white(tmp_path, channels):
    planes = [every_value()] * (channels - 1) + [every_value().T]
    content = png16(np.stack(planes, -1))
    grey, alpha = planes[0] / 257, planes[-1] / 65535
    mixed = grey * alpha + 255 * (1 - alpha)
    pixels = read_bytes(tmp_path, content, 256)
    error = pixels - mixed[..., None]
    # Rounded three times: grey, alpha, mixture.
    assert np.abs(error).max() < 2.5
    assert abs(error.mean()) < 0.2


@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_16_bit_tiff(tmp_path, order):
    image = Image.fromarray(every_value().astype(order))
    pixels = read_picture(saved(tmp_path, image, "a.tif"), 256)
    np.testing.assert_allclose(pixels[..., 0], every_value() / 257, atol=0.5)


@pytest.mark.parametrize("hole", [(1000,), (30000, 200, 65535)])
def test_a_16_bit_png_has_a_hole_where_its_colour_is(tmp_path, hole):
    values = np.full((16, 16, len(hole)), 0x8080, np.uint16)
    values[8:] = hole
    pixels = read_bytes(tmp_path, png16(values, hole))
    assert (pixels[2] == 0x80).all()
    assert (pixels[13] == 255).all()


@pytest.mark.parametrize(("bits", "grey"), [(1, 255), (2, 85), (4, 17)])
def test_a_png_of_few_bits_has_a_hole_where_its_colour_is(tmp_path, bits, grey):
    content = grey_png_with_hole(bits, below=0, above=1, hole=0)
    pixels = read_bytes(tmp_path, content)
    assert (pixels[2] == grey).all() and (pixels[13] == 255).all()
    if bits > 1:
        content = grey_png_with_hole(bits, below=2, above=1, hole=2)
        pixels = read_bytes(tmp_path, content)
        assert (pixels[2] == grey).all() and (pixels[13] == 255).all()


def test_greyscale_and_bilevel(tmp_path):
    for ending in ("png", "bmp", "tif", "gif"):
        path = saved(tmp_path, halves("L", 10, 200), f"a.{ending}")
        assert read(path) == ((10,) * 3, (200,) * 3)
        path = saved(tmp_path, halves("1", 0, 1), f"b.{ending}")
        assert read(path) == ((0,) * 3, WHITE)


@pytest.mark.parametrize("ending", ["png", "gif", "bmp", "tif"])
def test_palettes(tmp_path, ending):
    path = saved(tmp_path, two_colours(), f"a.{ending}")
    assert read(path) == (RED, BLUE)


@pytest.mark.parametrize("hole", [0, bytes([0, 255])])
def test_holes_of_a_palette_are_white(tmp_path, hole):
    path = saved(tmp_path, two_colours(), "a.png", transparency=hole)
    assert read(path) == (WHITE, BLUE)
    if hole == 0:
        path = saved(tmp_path, two_colours(), "a.gif", transparency=hole)
        assert read(path) == (WHITE, BLUE)


@pytest.mark.parametrize("ending", ["png", "webp", "tif", "jp2"])
def test_an_alpha_channel_is_laid_on_white(tmp_path, ending):
    options = {"lossless": True} if ending == "webp" else {}
    image = halves("RGBA", CLEAR_RED, FULL_BLUE)
    path = saved(tmp_path, image, f"a.{ending}", **options)
    assert read(path) == (WHITE, BLUE)
    image = halves("RGBA", (0, 0, 0, 128), (0, 0, 0, 128))
    path = saved(tmp_path, image, f"b.{ending}", **options)
    np.testing.assert_allclose(read(path), 127, atol=1)


@pytest.mark.parametrize("ending", ["png", "bmp", "webp", "tif", "ppm", "jp2"])
def test_formats_without_loss(tmp_path, ending):
    options = {"lossless": True} if ending == "webp" else {}
    path = saved(tmp_path, halves("RGB", RED, BLUE), f"a.{ending}", **options)
    assert read(path) == (RED, BLUE)


@pytest.mark.parametrize("orientation", [1, 6])
def test_avif_is_read_and_turned_as_it_says(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = halves("RGB", RED, BLUE)
    if orientation == 6:
        image = image.transpose(Image.Transpose.ROTATE_90)
    path = saved(tmp_path, image, "a.avif", exif=exif, quality=100)
    np.testing.assert_allclose(read(path), (RED, BLUE), atol=3)


@pytest.mark.parametrize("ending", ["gif", "webp", "png", "mpo", "tif"])
def test_of_moving_and_many_pictures_the_first_is_taken(tmp_path, ending):
    options = {
        "webp": {"lossless": True},
        "mpo": {"quality": 100, "subsampling": 0},
    }.get(ending, {})
    others = [Image.new("RGB", (16, 16), GREEN)]
    path = saved(
        tmp_path,
        halves("RGB", RED, BLUE),
        f"a.{ending}",
        save_all=True,
        append_images=others,
        **options,
    )
    np.testing.assert_allclose(read(path), (RED, BLUE), atol=1)


def test_a_moving_picture_with_holes(tmp_path):
    options = {"save_all": True, "transparency": 0, "disposal": 2}
    others = [Image.new("RGB", (16, 16), GREEN)]
    gif = saved(
        tmp_path, two_colours(), "a.gif", append_images=others, **options
    )
    assert read(gif) == (WHITE, BLUE)


@pytest.mark.parametrize("name", ["a.png", "a.txt", "no ending", "ä ö\tü.GIF"])
def test_the_ending_of_the_name_is_not_looked_at(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(flat_jpeg([77]))
    assert (read_picture(path, 16) == 77).all()


@pytest.mark.parametrize("progressive", [False, True])
def test_progressive_jpeg_is_like_any_other(tmp_path, progressive):
    image = halves("RGB", RED, BLUE)
    path = saved(
        tmp_path, image, "a.jpg", quality=100, subsampling=0,
        progressive=progressive,
    )  # fmt: skip
    np.testing.assert_allclose(read(path), (RED, BLUE), atol=1)
