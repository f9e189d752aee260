import io

import numpy as np
import pytest
import skimage.data
import tensorflow as tf
from PIL import Image

from deepi2i_tf.data import photos

# Shares of 255. Pillow rounds between its two passes, TensorFlow does not:
# measured are 0.06 to 0.19 in the mean on these photos.
MEAN_TOLERANCE = 0.25


def _stored(image, encoding, **options):
    stored = io.BytesIO()
    image.save(stored, encoding, **options)
    return stored.getvalue()


def _fitted_by_pillow(stored, resolution):
    with Image.open(io.BytesIO(stored)) as photo:
        image = photo.convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    resized = square.resize((resolution, resolution), Image.Resampling.BICUBIC)
    return np.asarray(resized, np.float64)


def _decoded(stored, resolution):
    image = photos.decode_photo(tf.constant(stored), resolution)
    assert image.shape == (resolution, resolution, 3)
    assert image.dtype == tf.uint8
    return image.numpy().astype(np.float64)


@pytest.mark.parametrize("resolution", [32, 128, 512])
@pytest.mark.parametrize("encoding", ["PNG", "JPEG"])
@pytest.mark.parametrize("name", ["astronaut", "chelsea", "rocket"])
def test_photos_become_what_pillow_makes_of_them(name, encoding, resolution):
    photo = Image.fromarray(getattr(skimage.data, name)())
    stored = _stored(photo, encoding)
    expected = _fitted_by_pillow(stored, resolution)
    difference = np.abs(_decoded(stored, resolution) - expected)
    assert difference.mean() < MEAN_TOLERANCE


def test_the_centre_square_of_a_wide_and_of_a_tall_photo_is_kept():
    pixels = np.zeros((8, 20, 3), np.uint8)
    pixels[:, 6:14] = (10, 200, 30)
    for turned in (pixels, pixels.transpose(1, 0, 2)):
        stored = _stored(Image.fromarray(turned), "PNG")
        assert (_decoded(stored, 8) == (10, 200, 30)).all()


@pytest.mark.parametrize("encoding", ["PNG", "JPEG"])
def test_grey_becomes_rgb(encoding):
    stored = _stored(Image.new("L", (30, 20), 90), encoding)
    assert (_decoded(stored, 16) == 90).all()


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGBA", (200, 100, 0, 255), (200, 100, 0)),
        ("RGBA", (200, 100, 0, 0), (255, 255, 255)),
        # 255 - (255 - 200) * 51 / 255 is 244, and so on.
        ("RGBA", (200, 100, 0, 51), (244, 224, 204)),
        ("LA", (100, 51), (224, 224, 224)),
    ],
)
def test_what_is_transparent_is_laid_on_white(mode, colour, expected):
    stored = _stored(Image.new(mode, (20, 20), colour), "PNG")
    assert (_decoded(stored, 16) == expected).all()


def test_a_palette_with_a_hole_and_16_bits_a_channel():
    palette = Image.new("P", (20, 20), 1)
    palette.putpalette([9, 9, 9, 50, 60, 70])
    assert (_decoded(_stored(palette, "PNG"), 8) == (50, 60, 70)).all()
    hole = _stored(palette, "PNG", transparency=1)
    assert (_decoded(hole, 8) == 255).all()
    deep = Image.fromarray(np.full((20, 20), 90 * 257, np.uint16))
    assert (_decoded(_stored(deep, "PNG"), 8) == 90).all()


def test_cmyk_is_read_as_colours():
    stored = _stored(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "JPEG")
    red, green, blue = _decoded(stored, 8).mean((0, 1))
    assert red > 240 and green < 30 and blue < 30


def test_small_photos_grow():
    stored = _stored(Image.new("RGB", (5, 3), (10, 20, 30)), "PNG")
    assert (_decoded(stored, 32) == (10, 20, 30)).all()


def test_overshoot_beside_edges_is_clipped():
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, 32:] = 255
    fitted = photos.fit(tf.constant(pixels), 48).numpy()
    assert fitted[:, :16].max() == 0 and fitted[:, -16:].min() == 255


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"no image",
        _stored(Image.new("RGB", (20, 20)), "PNG")[:-40],
        _stored(Image.new("RGB", (20, 20)), "BMP"),
        _stored(
            Image.new("RGB", (20, 20)),
            "WEBP",
            save_all=True,
            append_images=[Image.new("RGB", (20, 20), "white")],
        ),
    ],
    ids=["empty", "text", "cut off", "BMP", "moving WEBP"],
)
def test_other_bytes_are_an_error(stored):
    for decode in (photos.decode_photo, tf.function(photos.decode_photo)):
        with pytest.raises(tf.errors.InvalidArgumentError):
            decode(tf.constant(stored), 16)
