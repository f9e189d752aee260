import dataclasses

import numpy as np

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.reference.images import (
    augment,
    judge_resolution,
    shrink,
    to_floats,
)
from deepi2i_tf.utils.image_geometry import to_uint8

RECIPE = ReferenceTrainingConfig(max_gain=0.0, max_tint=0.0)
IMAGES = np.arange(2 * 8 * 8 * 3, dtype=np.uint8).reshape(2, 8, 8, 3)


def _augment(recipe=RECIPE, move=True, seed=0):
    return augment(IMAGES, recipe, np.random.default_rng(seed), move)


def test_small_images_keep_their_size_and_large_ones_do_not():
    assert judge_resolution(32, RECIPE) == 32
    assert judge_resolution(512, RECIPE) == 64


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


def test_to_floats_is_undone_by_to_uint8():
    floats = to_floats(IMAGES)
    assert floats.dtype == np.float32
    assert floats.min() >= -1.0 and floats.max() <= 1.0
    np.testing.assert_array_equal(to_uint8(floats), IMAGES)


def test_augment_follows_the_seed():
    np.testing.assert_array_equal(_augment(seed=1), _augment(seed=1))
    assert (_augment(seed=1) != _augment(seed=2)).any()


def test_augment_moves_by_whole_pixels_and_mirrors():
    recipe = dataclasses.replace(RECIPE, max_shift=0.0)
    padded = np.pad(IMAGES, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    allowed = [
        view[:, ::step]
        for view in (
            padded[0, dy : dy + 8, dx : dx + 8]
            for dy in range(3)
            for dx in range(3)
        )
        for step in (1, -1)
    ]
    seen = set()
    for seed in range(60):
        moved = to_uint8(_augment(recipe, seed=seed)[0])
        matches = [i for i, a in enumerate(allowed) if (a == moved).all()]
        assert matches
        seen.add(matches[0])
    assert len(seen) > 12


def test_augment_without_moving_changes_colours_only():
    np.testing.assert_array_equal(_augment(move=False), to_floats(IMAGES))
    recipe = ReferenceTrainingConfig(max_gain=0.1, max_tint=0.1)
    change = np.abs(_augment(recipe, move=False) - to_floats(IMAGES))
    assert 0.0 < change.max() <= 0.2
