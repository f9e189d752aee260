"""Tolerance 0.01 of 255; measured: 0.0004 (32 pixels) to 0.006 (600x800).

What differs is the order of float32 sums.
"""

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.metrics.resize import resize_for_inception
from tests.metrics import drawn_inception


def by_pillow(image):
    """What clean-fid does: each channel as a float picture, then clipped."""
    channels = [
        Image.fromarray(image[..., i].astype(np.float32)).resize(
            (299, 299), Image.Resampling.BICUBIC
        )
        for i in range(3)
    ]
    assert channels[0].mode == "F"
    return np.stack([np.asarray(each) for each in channels], -1).clip(0, 255)


@pytest.mark.parametrize(
    "size", [(32, 32), (64, 96), (128, 128), (256, 256), (299, 299), (512, 300)]
)
def test_pillows_float_bicubic(size):
    # Black and white next to each other overshoot, so the cut is seen too.
    noise = drawn_inception.normal("resize", (2, *size, 3))
    images = np.clip(127 + 200 * noise, 0, 255).astype(np.uint8)
    resized = resize_for_inception(images).numpy()
    assert resized.dtype == np.float32
    assert resized.min() == 0.0 and resized.max() == 255.0
    expected = np.stack([by_pillow(image) for image in images])
    assert np.abs(resized - expected).max() < 0.01


def test_floats_are_taken_as_they_are():
    image = drawn_inception.images(64, 64)
    np.testing.assert_array_equal(
        resize_for_inception(image.astype(np.float32)),
        resize_for_inception(image),
    )
