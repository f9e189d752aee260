import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_prep import prepare
from data_prep.pictures import encoding


def noise(side):
    return np.random.default_rng(0).integers(
        0, 256, (side, side, 3), np.uint8, endpoint=False
    )


def stored(image, name):
    """The bytes that a record holds."""
    feature = encoding.image_feature(name, len(image))
    return tfds.features.FeaturesDict({"image": feature}).encode_example(
        {"image": encoding.encode(image, name)}
    )["image"]


@pytest.mark.parametrize("name", ["raw", "png"])
def test_raw_and_png_are_lossless(name):
    image = noise(9)
    np.testing.assert_array_equal(
        encoding.decode(stored(image, name), name, 9), image
    )


def test_raw_is_the_pixels():
    image = noise(9)
    assert stored(image[:, ::-1], "raw") == image[:, ::-1].tobytes()


def test_jpeg_keeps_colours_at_full_resolution():
    # Columns of pure red and blue in turn: halved colours would mix them.
    image = np.zeros((16, 16, 3), np.uint8)
    image[:, ::2, 0] = image[:, 1::2, 2] = 255
    decoded = encoding.decode(stored(image, "jpeg"), "jpeg", 16)
    # Quality 95 was seen to be 3 off here, halved colours 120.
    np.testing.assert_allclose(decoded.astype(int), image, atol=16)


def test_the_command_offers_what_there_is():
    assert prepare.ENCODINGS == encoding.ENCODINGS
