"""Tests of the checks of configuration values."""

import math

import pytest

from deepi2i_tf import bounds


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (bounds.choice, ("a", ("a", "b")), ("c", ("a", "b"))),
        (bounds.at_least, (1, 1), (0, 1)),
        (bounds.at_least, (0.0, 0.0), (math.inf, 0.0)),
        (bounds.at_least, (2.0, 0.0), (math.nan, 0.0)),
        (bounds.below, (0.0, 1.0), (1.0, 1.0)),
        (bounds.below, (0.5, 1.0), (-0.1, 1.0)),
        (bounds.one_each, ((1.0, 0.0), (4, 8)), ((1.0,), (4, 8))),
        (bounds.one_each, ((1.0, 0.0), (4, 8)), ((1.0, -1.0), (4, 8))),
        (bounds.map_sizes, ((0,),), ((48,),)),
        (bounds.map_sizes, ((32, 64),), ((64, 4),)),
    ],
)
def test_good_values_pass_and_bad_ones_are_told(check, good, bad):
    check("flag", *good)
    with pytest.raises(ValueError, match=r"Expected --flag .* Received: "):
        check("flag", *bad)


def test_what_is_required_is_told_in_one_sentence():
    bounds.require(True, "a", "b", "c.")
    with pytest.raises(ValueError, match="^Expected a. Received: b. Do c.$"):
        bounds.require(False, "a", "b", "Do c.")
