from collections import Counter

import pytest

from data_prep.pictures.class_names import (
    check_classes,
    in_label_order,
    tell_apart,
)
from deepi2i_tf.utils.errors import UserError

NAMES = {"1": "rice", "10": "Bread", "2": "apple"}


def test_good_names_stay_as_they_are():
    names = {"1": "crème brûlée", "2": "salt & pepper (hot)"}
    assert tell_apart(names) == names


def test_commas_and_control_characters_go():
    names = {
        "a": "boned, sliced",
        "b": "a,b",
        "c": " x\t y\x00\u2028z ",
        "d": ",",
    }
    told = {"a": "boned sliced", "b": "a b", "c": "x y z", "d": "d"}
    assert tell_apart(names) == told


def test_names_are_composed_and_equal_ones_told_apart():
    assert tell_apart({"1": "cafe\u0301", "2": "caf\xe9", "3": "tea"}) == {
        "1": "caf\xe9 (1)",
        "2": "caf\xe9 (2)",
        "3": "tea",
    }


def test_shared_names_get_the_id_behind_them():
    names = {"40": "omelet", "67": "omelet", "68": "egg"}
    told = {"40": "omelet (40)", "67": "omelet (67)", "68": "egg"}
    assert tell_apart(names) == told


def test_names_that_cleaning_makes_equal_are_told_apart():
    assert tell_apart({"1": "a, b", "2": "a b"}) == {
        "1": "a b (1)",
        "2": "a b (2)",
    }


def test_a_name_that_looks_like_a_told_one_is_told_apart_too():
    names = {"1": "egg", "2": "egg", "3": "egg (1)"}
    told = tell_apart(names)
    assert len(set(told.values())) == 3 and told["2"] == "egg (2)"


def test_labels_follow_the_names():
    assert in_label_order(NAMES, "name") == ["10", "2", "1"]


def test_upstream_labels_follow_the_folders_as_strings():
    assert in_label_order(NAMES, "upstream") == ["1", "10", "2"]


def counts(**splits):
    return Counter(
        {
            (key, split): number
            for key, numbers in splits.items()
            for split, number in zip(("train", "test"), numbers, strict=True)
        }
    )


def test_classes_with_both_splits_are_good():
    check_classes({"a": "A", "b": "B"}, counts(a=(1, 1), b=(9, 1)), 2)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"a": (1, 1), "b": (2, 0)}, r"Received: B \(2 \+ 0\)\."),
        ({"a": (0, 2), "b": (3, 3)}, r"Received: A \(0 \+ 2\)\."),
        ({"b": (3, 3)}, r"Received: A \(0 \+ 0\)\."),
    ],
)
def test_a_class_that_lacks_a_split_is_named(numbers, message):
    with pytest.raises(UserError, match=message):
        check_classes({"a": "A", "b": "B"}, counts(**numbers), 2)


def test_small_classes_are_named():
    with pytest.raises(UserError, match=r"at least 5.*A \(3 \+ 1\)\. Add"):
        check_classes({"a": "A", "b": "B"}, counts(a=(3, 1), b=(4, 1)), 5)
    many = {str(index): f"class{index}" for index in range(7)}
    with pytest.raises(UserError, match="class4.* and 2 more"):
        check_classes(many, Counter(), 2)


def test_a_single_class_is_refused():
    with pytest.raises(UserError, match="two classes.*Received: A"):
        check_classes({"a": "A"}, counts(a=(5, 5)), 2)
