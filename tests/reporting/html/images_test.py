import numpy as np

from deepi2i_tf.reporting.html import images
from deepi2i_tf.reporting.html.images import Encoder
from tests.reporting import drawn_report
from tests.reporting.page_parts import pixels


def _noise(side):
    return np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)


def test_drawn_pictures_keep_every_pixel():
    drawn = drawn_report.creature(0, 0, 64)
    image = Encoder().picture(drawn, "a tiger")
    assert (image.alt, image.width, image.height) == ("a tiger", 64, 64)
    np.testing.assert_array_equal(pixels({"src": image.source}), drawn)


def test_flat_pictures_are_png_and_noise_is_jpeg():
    flat = np.full((64, 64, 3), 90, np.uint8)
    kinds = [
        Encoder().picture(each, "").source.split(";")[0].rpartition("/")[2]
        for each in (flat, _noise(128))
    ]
    assert kinds == ["png", "jpeg"]


def test_large_pictures_are_shrunk_and_small_ones_never_enlarged():
    wide = np.full((100, 200, 3), 90, np.uint8)
    image = Encoder(side=50).picture(wide, "")
    assert (image.width, image.height) == (50, 25)
    assert np.all(pixels({"src": image.source}) == 90)
    assert Encoder(side=50).picture(wide[:8, :8], "").width == 8


def test_pages_shrink_their_pictures_until_they_are_small_enough():
    tried = []

    def build(encoder):
        tried.append(encoder.side)
        return "\u00e4" * (8_000_000 if encoder.side > 96 else 7_000_000)

    assert len(images.small_enough(build)) == 14_000_000
    assert tried == [128, 96]


def test_the_smallest_pictures_are_taken_where_nothing_is_small_enough():
    content = images.small_enough(lambda e: "x" * (16_000_000 + e.side))
    assert len(content) == 16_000_048
