"""Tests of deepi2i_tf/utils/decoded_photo.py.

How every kind of file is read is asked in tests/data_prep/pictures.
"""

import io

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.utils.decoded_photo import orientation, read_square
from tests.data_prep.picture_files import (
    TURNED,
    grey_png_with_hole,
    numbered,
)


def opened(pixels, kind="PNG", **options):
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, kind, **options)
    return Image.open(stored)


@pytest.mark.parametrize("value", TURNED)
def test_the_square_of_the_stored_photo_is_turned(value):
    exif = Image.Exif()
    exif[0x0112] = value
    stored = numbered(20, 33)
    image = opened(stored, exif=exif)
    assert orientation(image) == value
    np.testing.assert_array_equal(
        read_square(image, (6, 2, 22, 18), 16),
        TURNED[value](stored[2:18, 6:22]),
    )


def test_a_broken_block_is_upright():
    image = opened(numbered(8, 8), "JPEG", exif=b"Exif\0\0nonsense")
    assert orientation(image) == 1


def test_a_hole_of_few_bits_is_white():
    content = grey_png_with_hole(2, below=2, above=1, hole=2)
    pixels = read_square(Image.open(io.BytesIO(content)), (0, 0, 16, 16), 16)
    assert (pixels[2] == 85).all() and (pixels[13] == 255).all()
