import numpy as np

from deepi2i_tf.evaluation.images.shrink import shrink

IMAGES = np.arange(2 * 8 * 8 * 3, dtype=np.uint8).reshape(2, 8, 8, 3)


def test_shrink_averages_blocks():
    image = np.array([[1, 3, 10, 10], [5, 7, 10, 10]] * 2, np.uint8)
    images = np.repeat(image[None, ..., None], 3, axis=-1)
    small = shrink(images, 2)
    assert small.dtype == np.uint8
    np.testing.assert_array_equal(small[0, ..., 0], [[4, 10], [4, 10]])


def test_shrink_by_a_fraction_weighs_pixels_by_their_area():
    row = np.array([10, 40, 70], np.uint8)
    images = np.broadcast_to(row[None, None, :, None], (1, 3, 3, 3))
    small = shrink(images, 2)
    # The middle pixel goes half to either side: (10 + 20) / 1.5.
    np.testing.assert_array_equal(small[0, :, :, 0], [[20, 60], [20, 60]])


def test_shrink_by_a_fraction_keeps_the_mean():
    images = np.random.default_rng(0).integers(0, 256, (2, 100, 100, 3))
    small = shrink(images.astype(np.uint8), 64)
    assert small.shape == (2, 64, 64, 3) and small.dtype == np.uint8
    assert abs(small.mean() - images.mean()) < 0.1  # rounding


def test_shrink_to_the_same_side_changes_nothing():
    np.testing.assert_array_equal(shrink(IMAGES, 8), IMAGES)
