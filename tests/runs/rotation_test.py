import pytest

from deepi2i_tf.runs.rotation import steps_to_keep


def metas(*checkpoints):
    """(step, scheduled, step of the best) of each."""
    return {
        step: {"scheduled": scheduled, "best": best and {"step": best}}
        for step, scheduled, best in checkpoints
    }


@pytest.mark.parametrize(
    ("there", "keep", "kept"),
    [
        ([], 2, set()),
        ([(2, True, None), (4, True, None), (6, True, None)], 2, {4, 6}),
        # One that a signal wrote takes no place, and stays while it is new.
        ([(4, True, None), (8, True, None), (9, False, None)], 1, {8, 9}),
        ([(8, True, None), (9, False, None), (12, True, None)], 1, {12}),
        ([(2, False, 2), (8, True, 2), (12, True, 2)], 1, {2, 12}),
        # 4 was overtaken by 9, but 8 still calls it the best.
        ([(4, True, 4), (8, True, 4), (9, False, 9)], 1, {4, 8, 9}),
        ([(4, True, 4), (8, True, 4), (12, True, 12)], 1, {12}),
        # The best has been deleted.
        ([(8, True, 4), (12, True, 4)], 1, {12}),
    ],
)
def test_the_newest_and_their_bests_stay(there, keep, kept):
    assert steps_to_keep(metas(*there), keep) == kept


def test_a_checkpoint_that_says_nothing_counts_as_scheduled():
    assert steps_to_keep({2: {}, 4: {}}, 1) == {4}
