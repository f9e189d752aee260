"""Tests of deepi2i_tf/data/photo_formats.py."""

import io
import struct

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from deepi2i_tf.data import photo_formats
from tests.data_prep.picture_files import (
    grey_png_with_hole,
    halves,
    numbered,
    png16,
)

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


@pytest.fixture(scope="module")
def decode():
    spec = tf.TensorSpec((), tf.string)
    graph = tf.function(
        photo_formats.decode_any, input_signature=[spec], autograph=False
    )
    return lambda stored: graph(tf.constant(stored)).numpy()


def _stored(image, kind, **options):
    stored = io.BytesIO()
    image.save(stored, kind, **options)
    return stored.getvalue()


def _two_colours():
    image = halves("P", 0, 1)
    image.putpalette([*RED, *BLUE])
    return image


def _halves_of(pixels):
    """The lower and the upper half's colour."""
    assert pixels.shape == (16, 16, 3) and pixels.dtype == np.uint8
    return tuple(pixels[13, 8].tolist()), tuple(pixels[2, 8].tolist())


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP"])
def test_formats_without_loss(decode, kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    pixels = numbered(21, 34)
    stored = _stored(Image.fromarray(pixels), kind, **options)
    np.testing.assert_array_equal(decode(stored), pixels)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_alpha_channel_is_laid_on_white(decode, kind):
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    image = halves("RGBA", (*RED, 0), (*BLUE, 255))
    assert _halves_of(decode(_stored(image, kind, **options))) == (WHITE, BLUE)
    # 255 - (255 - 200) * 51 / 255 is 244, and so on.
    image = halves("RGBA", (200, 100, 0, 51), (200, 100, 0, 52))
    below, above = _halves_of(decode(_stored(image, kind, **options)))
    assert (below, above) == ((244, 224, 204), (244, 223, 203))


def test_every_colour_is_mixed_with_white_as_division_would(decode):
    colour, alpha = np.indices((256, 256))
    layers = np.stack([colour] * 3 + [alpha], -1).astype(np.uint8)
    expected = 255 - (255 - colour) * alpha / 255
    pixels = decode(_stored(Image.fromarray(layers), "PNG"))
    np.testing.assert_array_equal(pixels[..., 1], np.round(expected))


def test_grey_with_alpha_is_laid_on_white(decode):
    image = halves("LA", (100, 0), (100, 51))
    assert _halves_of(decode(_stored(image, "PNG"))) == (WHITE, (224,) * 3)


@pytest.mark.parametrize(
    ("hole", "below"), [(None, RED), (0, WHITE), (bytes([0, 255]), WHITE)]
)
@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_palette_and_its_holes(decode, bits, hole, below):
    options = {} if hole is None else {"transparency": hole}
    stored = _stored(_two_colours(), "PNG", bits=bits, **options)
    assert _halves_of(decode(stored)) == (below, BLUE)


@pytest.mark.parametrize(("bits", "grey"), [(1, 255), (2, 85), (4, 17)])
def test_a_png_of_few_bits_has_a_hole_where_its_colour_is(decode, bits, grey):
    content = grey_png_with_hole(bits, below=0, above=1, hole=0)
    assert _halves_of(decode(content)) == (WHITE, (grey,) * 3)


def test_colours_that_stand_for_a_hole(decode):
    image = halves("RGB", RED, BLUE)
    stored = _stored(image, "PNG", transparency=RED)
    assert _halves_of(decode(stored)) == (WHITE, BLUE)
    for hole in ((1000,), (30000, 200, 65535)):
        values = np.full((16, 16, len(hole)), 0x8080, np.uint16)
        values[8:] = hole
        assert _halves_of(decode(png16(values, hole))) == (WHITE, (128,) * 3)


@pytest.mark.parametrize("mode", ["1", "L"])
def test_without_a_hole_nothing_is_one(decode, mode):
    pixels = decode(_stored(halves(mode, 0, 255), "PNG"))
    assert _halves_of(pixels) == ((0, 0, 0), WHITE)


def test_a_bmp_has_the_colours_of_its_palette(decode):
    assert _halves_of(decode(_stored(_two_colours(), "BMP"))) == (RED, BLUE)
    pixels = decode(_stored(halves("L", 70, 80), "BMP"))
    assert _halves_of(pixels) == ((70,) * 3, (80,) * 3)


def _bmp_with_masks(alpha_mask):
    """16 x 16 pixels of 32 bits; half of red's alpha is 0."""
    head = struct.pack("<IiiHHIIiiII", 56, 16, 16, 1, 32, 3, 1024, 0, 0, 0, 0)
    head += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, alpha_mask)
    pixels = (b"\0\0\xff\0" * 16) * 8 + (b"\xff\0\0\xff" * 16) * 8
    begin = 14 + len(head)
    size = begin + len(pixels)
    return b"BM" + struct.pack("<IHHI", size, 0, 0, begin) + head + pixels


def test_a_bmp_has_an_alpha_channel_where_it_says_so(decode):
    bare = _stored(halves("RGBA", (*RED, 0), (*BLUE, 255)), "BMP")
    unmasked, masked = _bmp_with_masks(0), _bmp_with_masks(0xFF << 24)
    assert _halves_of(decode(bare)) == (RED, BLUE)
    assert _halves_of(decode(unmasked)) == (RED, BLUE)
    assert _halves_of(decode(masked)) == (WHITE, BLUE)
    for stored, mode in ((bare, "RGB"), (unmasked, "RGB"), (masked, "RGBA")):
        assert Image.open(io.BytesIO(stored)).mode == mode


@pytest.mark.parametrize(
    "kind, options",
    [
        ("GIF", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 100}),
        ("WEBP", {"lossless": True, "exif": b"Exif\0\0", "xmp": b"x"}),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_of_moving_pictures_the_first_is_taken(decode, mode, kind, options):
    image = halves("RGB", RED, BLUE).convert(mode)
    others = [Image.new(mode, (16, 16))]
    stored = _stored(
        image, kind, save_all=True, append_images=others, **options
    )
    colours = np.array(_halves_of(decode(stored)), int)
    np.testing.assert_allclose(colours, (RED, BLUE), atol=3)


@pytest.mark.parametrize("hole", [0, 1])
@pytest.mark.parametrize("comment", [b"", b"!\xf9\x04" + b"," * 600])
def test_a_gif_is_white_where_its_first_frame_has_a_hole(decode, hole, comment):
    colours = [RED, BLUE]
    colours[hole] = WHITE
    options = {"transparency": hole, "comment": comment}
    still = _stored(_two_colours(), "GIF", **options)
    assert _halves_of(decode(still)) == tuple(colours)
    others = [Image.new("RGB", (16, 16), c) for c in ("black", "lime")]
    moving = _stored(
        _two_colours(), "GIF", save_all=True, append_images=others,
        disposal=2, loop=0, **options,
    )  # fmt: skip
    assert _halves_of(decode(moving)) == tuple(colours)


def test_a_gif_without_a_hole_keeps_its_black(decode):
    assert _halves_of(decode(_stored(_two_colours(), "GIF"))) == (RED, BLUE)
    black = halves("P", 0, 1)
    black.putpalette([0, 0, 0, *BLUE])
    assert _halves_of(decode(_stored(black, "GIF"))) == ((0, 0, 0), BLUE)


def test_a_cut_gif_is_damaged_and_no_more(decode):
    stored = _stored(_two_colours(), "GIF", transparency=0)
    for length in range(13, len(stored) - 4, 3):
        with pytest.raises(tf.errors.InvalidArgumentError):
            decode(stored[:length])


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\0" * 40])
def test_other_files_are_refused(decode, content):
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="Expected an image file: JPEG"
    ):
        decode(content)


def _jpeg_head():
    stored = _stored(Image.new("L", (16, 16)), "JPEG")
    place = stored.index(b"\xff\xc0") + 5
    size = struct.pack(">HH", 9000, 9999)
    return stored[:place] + size + stored[place + 4 :]


def _webp_head(name, size):
    return b"RIFF" + bytes(4) + b"WEBP" + name + bytes(4) + size


@pytest.mark.parametrize(
    "head",
    [
        _jpeg_head(),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 9999, 9000),
        b"GIF89a" + struct.pack("<HH", 9999, 9000),
        b"BM" + bytes(16) + struct.pack("<ii", 9999, 9000),
        b"BM" + bytes(16) + struct.pack("<ii", 9999, -9000),
        _webp_head(b"VP8 ", bytes(6) + struct.pack("<HH", 9999, 9000)),
        _webp_head(b"VP8L", b"/" + struct.pack("<I", 9998 + (8999 << 14))),
        _webp_head(b"VP8X", bytes(4) + b"\x0e\x27\0\x27\x23\0"),
    ],
)
def test_a_bomb_is_refused_before_it_is_unpacked(decode, head):
    with pytest.raises(
        tf.errors.InvalidArgumentError,
        match=r"at most 89478485 pixels.*\[9999\] \[9000\]",
    ):
        decode(head)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("PNG", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0"}),
    ],
)
def test_the_size_of_a_bomb_is_where_the_formats_have_it(
    decode, monkeypatch, kind, options
):
    stored = _stored(Image.new("RGB", (20, 35)), kind, **options)
    assert decode(stored).shape == (35, 20, 3)
    monkeypatch.setattr(photo_formats, "MAX_PIXELS", 699)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"(?s)699 pixels.*20\W+35"
    ):
        photo_formats.decode_any(tf.constant(stored))
