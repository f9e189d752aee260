import numpy as np

from deepi2i_tf.evaluation.pictures.samples import (
    RandomSamples,
    shown_classes,
)


class _Counts:
    def __init__(self, *counts):
        self._counts = counts

    def count(self, target):
        return self._counts[target]


def test_few_classes_are_all_shown_and_many_are_not():
    assert shown_classes(20) == set(range(20))
    assert {0, 148} <= shown_classes(149)
    assert len(shown_classes(149)) <= 44


def test_samples_are_different_translations_in_the_order_of_the_draw():
    counts = (40, 0, 25)
    samples = RandomSamples(_Counts(*counts), 3, seed=0)
    pairs = list(zip(samples.targets, samples.rows, strict=True))
    assert len(pairs) == len(set(pairs)) == 48
    assert all(row < counts[target] for target, row in pairs)
    assert len(np.unique(samples.targets)) == 2
    kept = [100 * target + samples.of(target) for target in range(3)]
    expected = 100 * samples.targets + samples.rows
    np.testing.assert_array_equal(samples.in_order(kept), expected)


def test_all_are_samples_where_there_are_few():
    samples = RandomSamples(_Counts(2, 1), 2, seed=0)
    assert samples.of(0).tolist() == [0, 1] and samples.of(1).tolist() == [0]


def test_samples_follow_the_seed():
    first, again, other = (
        RandomSamples(_Counts(500, 500), 2, seed).rows for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
