"""What `read_picture` makes of a readable file: square, turned, cut, resized.

Kinds of files are in images_kinds_test, bad ones in images_refused_test.
"""

import io
import re

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from data_prep.pictures.images import read_picture
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import Fit
from deepi2i_tf.utils.image_geometry import fit_square
from tests.data_prep.picture_files import TURNED, numbered, saved

ORIENTATION = 0x0112


def centre(pixels):
    height, width, _ = pixels.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]


def turned_file(tmp_path, pixels, orientation, ending):
    if ending == "tif":
        options = {"tiffinfo": {ORIENTATION: orientation}}
    else:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        options = {"exif": exif}
    options |= {
        "jpg": {"quality": 100, "subsampling": 0},
        "webp": {"lossless": True},
    }.get(ending, {})
    return saved(tmp_path, Image.fromarray(pixels), f"a.{ending}", **options)


def test_the_centre_square_is_kept(tmp_path):
    image = Image.new("RGB", (60, 20), "red")
    image.paste("blue", (20, 0, 40, 20))
    pixels = read_picture(saved(tmp_path, image), 20)
    assert pixels.dtype == np.uint8
    assert (pixels == (0, 0, 255)).all()


def test_a_whole_photo_is_kept_on_a_background(tmp_path):
    image = Image.new("RGB", (60, 20), "red")
    fit = Fit("pad", (0, 255, 0))
    pixels = read_picture(saved(tmp_path, image), 30, fit=fit)
    assert (pixels[10:20] == (255, 0, 0)).all()
    assert (pixels[:10] == (0, 255, 0)).all()
    assert (pixels[20:] == (0, 255, 0)).all()


def test_both_sides_are_resized(tmp_path):
    image = Image.new("RGB", (60, 20), "red")
    image.paste("blue", (30, 0, 60, 20))
    pixels = read_picture(saved(tmp_path, image), 20, fit=Fit("squash"))
    assert (pixels[:, :8] == (255, 0, 0)).all()
    assert (pixels[:, 12:] == (0, 0, 255)).all()


@pytest.mark.parametrize("way", ["pad", "squash"])
@pytest.mark.parametrize("orientation", TURNED)
def test_a_part_is_fitted_and_turned_whatever_its_shape(
    tmp_path, orientation, way
):
    stored = numbered(24, 40)
    path = turned_file(tmp_path, stored, orientation, "png")
    # Of an even rest, so that what is padded may be turned.
    pixels = read_picture(path, 16, (2, 1, 34, 21), Fit(way))
    part = np.ascontiguousarray(stored[1:21, 2:34])
    np.testing.assert_array_equal(
        pixels, TURNED[orientation](fit_square(part, 16, Fit(way)))
    )


@pytest.mark.parametrize("way", ["pad", "squash"])
def test_a_large_jpeg_is_fitted_as_if_decoded_in_full(tmp_path, way):
    path = saved(tmp_path, Image.fromarray(large_photo()), "a.jpg", quality=95)
    with Image.open(path) as image:
        whole = fit_square(np.asarray(image), 32, Fit(way))
    error = np.abs(read_picture(path, 32, fit=Fit(way)).astype(int) - whole)
    assert error.mean() < 1 and error.max() <= 6


def test_shrinking_is_antialiased(tmp_path):
    board = np.indices((64, 64)).sum(0) % 2 * 255
    image = Image.fromarray(board.astype(np.uint8))
    pixels = read_picture(saved(tmp_path, image), 8)
    # A checkerboard averages to grey; without a filter it stays 0 and 255.
    np.testing.assert_allclose(pixels, 127.5, atol=8)


def test_an_array_becomes_what_its_file_becomes(tmp_path):
    pixels = numbered(40, 61)
    path = saved(tmp_path, Image.fromarray(pixels))
    for resolution in (16, 40, 64):
        np.testing.assert_array_equal(
            fit_square(pixels, resolution), read_picture(path, resolution)
        )


@pytest.mark.parametrize("box", [None, (3, 1, 25, 23)])
@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
@pytest.mark.parametrize("orientation", TURNED)
def test_exif_turns_the_photo_and_what_a_box_cuts_out(
    tmp_path, orientation, ending, box
):
    stored = numbered(24, 40)
    path = turned_file(tmp_path, stored, orientation, ending)
    left, top, right, bottom = box or (0, 0, 40, 24)
    part = stored[top:bottom, left:right]
    expected = centre(TURNED[orientation](part))
    pixels = read_picture(path, expected.shape[0], box)
    # JPEG of the highest quality rounds its coefficients to whole numbers.
    tolerance = 2 if ending == "jpg" else 0
    np.testing.assert_allclose(pixels, expected, atol=tolerance)


@pytest.mark.parametrize("orientation", TURNED)
def test_a_turned_tiff_is_read_but_for_boxes(tmp_path, orientation):
    stored = numbered(24, 40)
    path = turned_file(tmp_path, stored, orientation, "tif")
    expected = centre(TURNED[orientation](stored))
    np.testing.assert_array_equal(read_picture(path, 24), expected)
    if orientation > 1:
        with pytest.raises(UserError, match="box in a TIFF"):
            read_picture(path, 16, (0, 0, 16, 16))


def test_broken_exif_does_not_cost_the_photo(tmp_path):
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(
        buffer, "JPEG", exif=b"Exif\0\0nonsense that is no EXIF"
    )
    path = tmp_path / "a.jpg"
    path.write_bytes(buffer.getvalue())
    assert read_picture(path, 16)[8, 8, 0] > 240


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        ((10, 2, 20, 12), (10, 2, 20, 12)),
        ((10, 2, 30, 12), (15, 2, 25, 12)),
        ((9.6, 2.4, 20.3, 12.4), (10, 2, 20, 12)),
        # A tenth or less was drawn past an edge; what is left is not square.
        ((-1, -1, 23, 23), (0, 0, 23, 23)),
        ((28, 0, 41, 12), (28, 0, 40, 12)),
        # Rounding takes more than a tenth, but nothing is outside.
        ((4.49, 4, 12.49, 12.49), (4, 4, 12, 12)),
    ],
)
def test_a_box_cuts_out_its_part(tmp_path, box, inside):
    stored = numbered(24, 40)
    path = saved(tmp_path, Image.fromarray(stored))
    left, top, right, bottom = inside
    expected = stored[top:bottom, left:right]
    pixels = read_picture(path, expected.shape[0], box)
    np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ((-4, 0, 16, 16), "box outside the photo: -4 0 16 16 of 40 x 24"),
        ((0, 12, 20, 28), "box outside the photo"),
        ((40, 0, 60, 20), "box outside the photo"),
        ((-30, -30, -10, -10), "box outside the photo"),
        ((5, 5, 5, 20), "box without area: 5 5 5 20"),
        ((20, 5, 5, 20), "box without area"),
        ((20, 20, 5, 5), "box without area"),
        ((0, 0, float("nan"), 9), "box without area"),
        ((0, 0, float("inf"), 9), "box without area"),
        ((0, 0, 3, 20), "absurd size: 3 x 20"),
    ],
)
def test_an_impossible_box_is_refused(tmp_path, box, reason):
    path = saved(tmp_path, Image.fromarray(numbered(24, 40)))
    with pytest.raises(UserError, match=re.escape(reason)):
        read_picture(path, 16, box)


def large_photo():
    """Soft shapes under grain, of odd sizes."""
    random = np.random.default_rng(0)
    shapes = random.integers(0, 256, (11, 13, 3), np.uint8)
    size = (1303, 1101)
    soft = np.asarray(Image.fromarray(shapes).resize(size)).astype(np.int16)
    grain = random.integers(-12, 13, soft.shape[:2])[..., None]
    return np.clip(soft + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("box", [None, (90, 7, 1203, 1090)])
@pytest.mark.parametrize(("resolution", "part"), [(16, 8), (32, 4), (64, 2)])
def test_a_large_jpeg_is_decoded_at_a_fraction_within_one_level(
    tmp_path, monkeypatch, resolution, part, box, orientation
):
    sizes = []
    draft = JpegImagePlugin.JpegImageFile.draft

    def noted(self, mode, size):
        result = draft(self, mode, size)
        sizes.append(self.size)
        return result

    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "draft", noted)
    path = turned_file(tmp_path, large_photo(), orientation, "jpg")
    pixels = read_picture(path, resolution, box)
    assert sizes == [(-(-1303 // part), -(-1101 // part))]
    with Image.open(path) as image:
        stored = np.asarray(image)
    left, top, right, bottom = box or (0, 0, 1303, 1101)
    upright = TURNED[orientation](stored[top:bottom, left:right])
    whole = fit_square(np.ascontiguousarray(upright), resolution)
    error = np.abs(pixels.astype(int) - whole)
    assert error.mean() < 1
    assert error.max() <= 6


def test_a_jpeg_with_little_to_spare_is_decoded_in_full(tmp_path):
    path = saved(tmp_path, Image.fromarray(large_photo()), "a.jpg")
    with Image.open(path) as image:
        whole = fit_square(np.asarray(image), 128)
    np.testing.assert_array_equal(read_picture(path, 128), whole)
