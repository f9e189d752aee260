"""Tests of the checks of configuration values."""

import math

import pytest

from deepi2i_tf.config import checks


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (checks.choice, ("a", ("a", "b")), ("c", ("a", "b"))),
        (checks.at_least, (1, 1), (0, 1)),
        (checks.at_least, (0.0, 0.0), (math.inf, 0.0)),
        (checks.at_least, (2.0, 0.0), (math.nan, 0.0)),
        (checks.below, (0.0, 1.0), (1.0, 1.0)),
        (checks.below, (0.5, 1.0), (-0.1, 1.0)),
        (checks.one_each, ((1.0, 0.0), (4, 8)), ((1.0,), (4, 8))),
        (checks.one_each, ((1.0, 0.0), (4, 8)), ((1.0, -1.0), (4, 8))),
        (checks.map_sizes, ((0,),), ((48,),)),
        (checks.map_sizes, ((32, 64),), ((64, 4),)),
    ],
)
def test_good_values_pass_and_bad_ones_are_told(check, good, bad):
    check("flag", *good)
    with pytest.raises(ValueError, match=r"Expected --flag .* Received: "):
        check("flag", *bad)


def test_what_is_required_is_told_in_one_sentence():
    checks.require(True, "a", "b", "c.")
    with pytest.raises(ValueError, match="^Expected a. Received: b. Do c.$"):
        checks.require(False, "a", "b", "Do c.")
