"""Pixels; files are tested beside what asks for them, in tests/serving."""

import numpy as np
import pytest

from deepi2i_tf.data.photo_files import fit_pixels
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import CROP, Fit


def test_pixels_become_a_square_in_the_way_of_the_model():
    tall = np.full((60, 20, 3), 100, np.uint8)
    assert (fit_pixels(tall, 8, CROP) == 100).all()
    padded = fit_pixels(tall, 6, Fit("pad"))
    assert (padded[:, :2] == 255).all() and (padded[:, 2:4] == 100).all()


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_other_arrays_are_refused(pixels):
    with pytest.raises(UserError, match=r"uint8 of \(height, width, 3\)"):
        fit_pixels(pixels, 4, CROP)
