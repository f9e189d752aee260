import numpy as np
import tensorflow as tf

from deepi2i_tf.data import augment
from deepi2i_tf.data.order import Stream


def _masks(count, batch_size=1, seed=0, side="source", start=0):
    dataset = augment.flip_masks(7, Stream(side, batch_size, seed, start))
    return np.concatenate(list(dataset.take(count).as_numpy_iterator()))


def test_a_flip_depends_on_its_index_alone():
    mask = _masks(60)
    tf.random.set_seed(5)
    np.testing.assert_array_equal(_masks(12, batch_size=5), mask)
    np.testing.assert_array_equal(_masks(20, start=11), mask[11:31])
    assert not np.array_equal(_masks(60, side="target"), mask)
    assert not np.array_equal(_masks(60, seed=1), mask)


def test_mirror():
    images = tf.constant([[[[1], [2]]], [[[3], [4]]]], tf.uint8)
    flipped = augment.mirror(images, tf.constant([False, True]))
    assert flipped.dtype == tf.uint8
    np.testing.assert_array_equal(flipped, [[[[1], [2]]], [[[4], [3]]]])


def test_mirror_is_the_plain_way_of_it():
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (5, 6, 7, 3)).astype(np.uint8)
    flips = np.array([True, False, True, True, False])
    expected = np.where(flips[:, None, None, None], images[:, :, ::-1], images)
    flipped = tf.function(augment.mirror)(images, flips)
    np.testing.assert_array_equal(flipped, expected)
    for all_alike in (True, False):
        flips = np.full(5, all_alike)
        expected = images[:, :, ::-1] if all_alike else images
        np.testing.assert_array_equal(augment.mirror(images, flips), expected)
