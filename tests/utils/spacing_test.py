import pytest

from deepi2i_tf.utils.spacing import evenly_spaced


@pytest.mark.parametrize(
    "count, most, expected",
    [
        (3, 5, [0, 1, 2]),
        (5, 3, [0, 2, 4]),
        (1, 4, [0]),
        (9, 3, [0, 4, 8]),
        (555, 2, [0, 554]),
        (0, 4, []),
    ],
)
def test_picks_are_even_and_keep_both_ends(count, most, expected):
    assert evenly_spaced(count, most).tolist() == expected
