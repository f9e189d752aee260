import math

import pytest

from deepi2i_tf.config import checks


@pytest.mark.parametrize(
    ("bound", "text", "good", "bad"),
    [
        (checks.named("a.jpg"), "", "b", ""),
        (checks.choice(("a", "b")), "One of a, b", "a", "c"),
        (checks.choice((32, 64), " pixels"), "One of 32, 64", 64, 48),
        (checks.each_of(("a", "b")), "Of a, b", ("b",), ("a", "c")),
        (checks.each_of((0, 32, 64), "Sizes"), "Sizes", (64, 32), (64, 4)),
        (checks.at_least(1), "At least 1", 1, 0),
        (checks.at_least(0.0), "At least 0", 0.0, math.inf),
        (checks.at_least(0.0), "At least 0", 2.0, math.nan),
        (checks.above_zero("1"), "Above 0", 0.1, 0.0),
        (checks.below(1.0), "In [0, 1)", 0.0, 1.0),
        (checks.below(1.0), "In [0, 1)", 0.5, -0.1),
        (checks.one_each((4, 8), "Two"), "Two", (1.0, 0.0), (1.0,)),
        (checks.one_each((4, 8), "Two"), "Two", (1.0, 0.0), (1.0, -1.0)),
    ],
)
def test_good_values_pass_and_bad_ones_are_told(bound, text, good, bad):
    assert bound.text == text
    bound.check("flag", good)
    with pytest.raises(ValueError, match=r"^Expected --flag.*\. Received: "):
        bound.check("flag", bad)


def test_what_is_required_is_told_in_one_sentence():
    checks.require(True, "a", "b", "c.")
    with pytest.raises(ValueError, match="^Expected a. Received: b. Do c.$"):
        checks.require(False, "a", "b", "Do c.")
