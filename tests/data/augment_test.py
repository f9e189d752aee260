import numpy as np
import tensorflow as tf

from deepi2i_tf.data import augment


def _coins(count, length=7, batch_size=1, seed=0, side="source", start=0):
    dataset = augment.flip_batches(length, batch_size, seed, side, start)
    return np.concatenate(list(dataset.take(count).as_numpy_iterator()))


def test_a_coin_depends_on_its_index_alone():
    coins = _coins(60)
    tf.random.set_seed(5)
    np.testing.assert_array_equal(_coins(12, batch_size=5), coins)
    np.testing.assert_array_equal(_coins(20, start=11), coins[11:31])
    assert not np.array_equal(_coins(60, side="target"), coins)
    assert not np.array_equal(_coins(60, seed=1), coins)


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


def test_to_signed_inverts_the_house_rule():
    pixels = np.arange(256, dtype=np.uint8)
    signed = augment.to_signed(pixels)
    assert signed.dtype == tf.float32
    assert (signed[0], signed[255]) == (-1.0, 1.0)
    np.testing.assert_array_equal(np.round((signed + 1) * 127.5), pixels)
    # One rounding more than the quotient has.
    np.testing.assert_allclose(
        signed, pixels / np.float32(127.5) - 1, atol=2.4e-7
    )
