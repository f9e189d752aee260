import collections

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.data import order


def _permutation(seed, stream, draw, length):
    key = order.stream_key(seed, stream)
    return order.permutation(key, tf.constant(draw, tf.int64), length).numpy()


def test_keys_are_pinned_and_differ():
    # An order that silently changes between versions breaks every resume.
    assert order.stream_key(0, "source order") == 4334430513956379144
    keys = {
        order.stream_key(seed, stream)
        for seed in (0, 1, 2**70)
        for stream in order.STREAMS
    }
    assert len(keys) == 3 * len(order.STREAMS)
    assert all(0 <= key < 2**63 for key in keys)


def test_a_permutation_is_pinned():
    drawn = _permutation(0, "source order", 0, 8)
    np.testing.assert_array_equal(drawn, [1, 6, 2, 5, 4, 7, 0, 3])


@pytest.mark.parametrize("length", [1, 2, 1000])
def test_everything_comes_once(length):
    drawn = _permutation(1, "source order", 5, length)
    np.testing.assert_array_equal(np.sort(drawn), np.arange(length))


def test_all_orders_are_equally_likely():
    counts = collections.Counter(
        tuple(_permutation(3, "target order", draw, 3)) for draw in range(600)
    )
    # 100 expected of each; 5 standard deviations of sqrt(600 * 1/6 * 5/6).
    assert len(counts) == 6
    assert all(abs(count - 100) < 46 for count in counts.values())


def test_streams_and_epochs_are_independent():
    length = 2000
    first = _permutation(0, "source order", 0, length)
    for other in (
        _permutation(0, "source order", 1, length),
        _permutation(0, "target order", 0, length),
        _permutation(1, "source order", 0, length),
    ):
        assert abs(np.corrcoef(first, other)[0, 1]) < 5 / length**0.5
        assert np.sum(first == other) < 10


def test_the_global_seed_does_not_matter():
    drawn = []
    for seed in (1, 2):
        tf.random.set_seed(seed)
        drawn.append(_permutation(0, "source order", 0, 50))
    np.testing.assert_array_equal(*drawn)


def test_masks_are_fair_and_fresh():
    key = order.stream_key(0, "source flip")
    first, second = (
        order.random_mask(key, tf.constant(epoch, tf.int64), 10_000).numpy()
        for epoch in (0, 1)
    )
    # Standard deviation 0.005.
    assert abs(first.mean() - 0.5) < 0.025
    assert abs((first == second).mean() - 0.5) < 0.025


def test_epochs_begin_anywhere():
    def epoch_of(epoch, passed):
        return tf.data.Dataset.range(epoch * 10 + passed, epoch * 10 + 3)

    def first(start):
        return list(
            order.repeat_epochs(epoch_of, 3, start).take(7).as_numpy_iterator()
        )

    assert first(0) == [0, 1, 2, 10, 11, 12, 20]
    assert first(4) == [11, 12, 20, 21, 22, 30, 31]
    assert first(3 * 10**12)[0] == 10**13
