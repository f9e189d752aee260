import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from deepi2i_tf.data import image_geometry as graph
from deepi2i_tf.utils import image_geometry
from deepi2i_tf.utils.fit import Fit

FITS = [Fit(), Fit("squash"), Fit("pad"), Fit("pad", (200, 30, 90))]


def photo(height, width):
    """Waves and noise away from 0 and 255, where Pillow clips twice; uint8."""
    y, x = np.mgrid[:height, :width][..., np.newaxis] * [0.11, 0.37, 0.9]
    noise = np.random.default_rng(0).normal(0, 12, (height, width, 3))
    waves = 128 + 40 * np.sin(x) + 30 * np.cos(y)
    return np.clip(waves + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "size",
    [(64, 64), (90, 64), (64, 101), (32, 35), (20, 20), (500, 331), (9, 250)],
)
@pytest.mark.parametrize("fit", FITS)
def test_numpy_and_graph_agree_within_one_level(size, fit):
    pixels = photo(*size)
    ours = image_geometry.fit_square(pixels, 32, fit)
    theirs = graph.fit_square(tf.constant(pixels), 32, fit).numpy()
    assert ours.dtype == np.uint8 and ours.shape == (32, 32, 3)
    difference = np.abs(ours - theirs)
    # Pillow rounds between its two passes.
    assert difference.max() <= 1 and difference.mean() < 0.25
    np.testing.assert_array_equal(
        image_geometry.to_uint8(graph.to_signed(ours)), ours
    )
    np.testing.assert_allclose(
        graph.to_signed(ours), image_geometry.to_signed(ours), atol=2.4e-7
    )


def test_an_image_of_the_right_size_is_untouched():
    pixels = photo(32, 32)
    assert image_geometry.fit_square(pixels, 32) is pixels


@pytest.mark.parametrize("size", [(64, 32), (32, 64), (63, 32), (200, 4)])
def test_padding_keeps_every_pixel_and_stands_in_the_middle(size):
    pixels = np.full((*size, 3), 100, np.uint8)
    square = image_geometry.fit_square(pixels, 16, Fit("pad"))
    inner = np.argwhere((square == 100).all(-1))
    height, width = inner.max(0) - inner.min(0) + 1
    longest = max(size)
    # To the nearest whole pixel, one at least.
    expected = [max(1, int(side * 16 / longest + 0.5)) for side in size]
    assert [height, width] == expected
    above, left = inner.min(0)
    assert [above, left] == [(16 - side) // 2 for side in expected]
    assert (square == 255).all(-1).sum() + len(inner) == 16 * 16


def test_centre_square_of_a_box_is_cut_as_floor_does():
    assert image_geometry.centre_square(10, 20, 45, 52) == (11, 20, 32)


def test_sixteen_bits_are_scaled_and_holes_become_white():
    wide = np.array([[0, 257 * 7 + 128, 65535]], np.uint16)
    grey = image_geometry.to_rgb(Image.fromarray(wide))
    np.testing.assert_array_equal(np.asarray(grey)[0, :, 0], [0, 7, 255])
    layer = Image.new("RGBA", (1, 1), (255, 0, 0, 0))
    assert image_geometry.to_rgb(layer).getpixel((0, 0)) == (255, 255, 255)


def test_to_uint8_rounds_and_clips():
    images = np.array([-1.5, -1.0, 0.0, 0.5, 1.0, 1.5], np.float32)
    # (0 + 1) * 127.5 = 127.5, which rounds to the even 128.
    np.testing.assert_array_equal(
        image_geometry.to_uint8(images), [0, 0, 128, 191, 255, 255]
    )
    assert image_geometry.to_uint8(images).dtype == np.uint8


def test_to_uint8_inverts_every_step():
    steps = np.arange(256, dtype=np.uint8)
    images = steps.astype(np.float32) / 127.5 - 1.0
    np.testing.assert_array_equal(image_geometry.to_uint8(images), steps)
