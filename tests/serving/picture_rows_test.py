"""Tests of deepi2i_tf/serving/py."""

import numpy as np
import pytest

from deepi2i_tf.serving.picture_rows import (
    class_interpolation,
    file_words,
    latent_interpolation,
    parse_targets,
    samples,
)
from deepi2i_tf.utils.errors import UserError


class _Names:
    """As much of a LoadedTranslator as target names need."""

    def __init__(self, *names):
        self.class_names = names

    def class_index(self, name):
        return self.class_names.index(name)


def test_targets_by_name_and_all(loaded):
    assert parse_targets("all", loaded) == [0, 1, 2]
    assert parse_targets("meerkat", loaded) == [2]
    assert parse_targets("meerkat, golden retriever", loaded) == [
        2,
        1,
    ]


def test_a_name_with_a_comma_is_a_name():
    names = _Names("cat", "tabby, tabby cat")
    assert parse_targets("tabby, tabby cat", names) == [1]


def test_all_is_every_class_and_in_a_list_the_class_of_that_name(capsys):
    assert parse_targets(" all", _Names("cat", "dog")) == [0, 1]
    assert capsys.readouterr().err == ""
    names = _Names("cat", "all")
    assert parse_targets("all", names) == [0, 1]
    assert capsys.readouterr().err == (
        "--target=all is every class; --target=all, is the class all.\n"
    )
    assert parse_targets("all,", names) == [1]
    assert parse_targets("all,cat", names) == [1, 0]
    assert capsys.readouterr().err == ""


def test_an_unknown_target_is_refused(loaded):
    with pytest.raises(UserError, match="'meercat'. Nearest: meerkat"):
        parse_targets("husky,meercat", loaded)


@pytest.mark.parametrize("text", ["", " , ", "husky,husky"])
def test_no_target_or_one_twice_is_refused(loaded, text):
    with pytest.raises(UserError, match="Expected --target to be all"):
        parse_targets(text, loaded)


def test_samples_have_their_own_z_and_names(loaded):
    (row,) = samples(loaded, [2, 0], num_samples=2, seed=5)
    assert [frame.first for frame in row.frames] == [2, 2, 0, 0]
    assert [frame.column for frame in row.frames] == [
        "meerkat 1",
        "meerkat 2",
        "husky 1",
        "husky 2",
    ]
    suffixes = [frame.suffix for frame in row.frames]
    assert suffixes == ["meerkat--1", "meerkat--2", "husky--1", "husky--2"]
    expected = loaded.sample_z([5, 6, 5, 6])
    np.testing.assert_array_equal([f.z for f in row.frames], expected)


def test_one_sample_is_not_numbered(loaded):
    (row,) = samples(loaded, [1], num_samples=1, seed=0)
    assert row.frames[0].column == "golden retriever"
    assert row.frames[0].suffix == "golden_retriever"


def test_class_interpolation_goes_from_first_to_second(loaded):
    (row,) = class_interpolation(loaded, [2, 0], 1, seed=3, steps=5)
    assert [frame.amount for frame in row.frames] == [0, 0.25, 0.5, 0.75, 1]
    assert {(frame.first, frame.second) for frame in row.frames} == {(2, 0)}
    columns = [frame.column for frame in row.frames]
    assert columns == ["meerkat", "0.25", "0.50", "0.75", "husky"]
    assert row.frames[1].suffix == "meerkat--husky--02"
    for frame in row.frames:
        np.testing.assert_array_equal(frame.z, loaded.sample_z([3])[0])


def test_class_rows_of_several_samples_differ_in_z(loaded):
    rows = class_interpolation(loaded, [2, 0], 2, seed=3, steps=2)
    assert [row.label for row in rows] == ["z 1", "z 2"]
    np.testing.assert_array_equal(rows[1].frames[0].z, loaded.sample_z([4])[0])


@pytest.mark.parametrize("targets", [[0], [0, 1, 2]])
def test_class_interpolation_needs_two_targets(loaded, targets):
    with pytest.raises(UserError, match="Expected two classes"):
        class_interpolation(loaded, targets, 1, seed=0, steps=3)


def test_latent_interpolation_goes_from_one_z_to_the_next(loaded):
    rows = latent_interpolation(loaded, [0, 2], 1, seed=3, steps=3)
    assert [row.label for row in rows] == ["to husky", "to meerkat"]
    start, end = loaded.sample_z([3, 4])
    for row, target in zip(rows, [0, 2], strict=True):
        assert {frame.first for frame in row.frames} == {target}
        np.testing.assert_allclose(row.frames[0].z, start, atol=1e-6)
        np.testing.assert_allclose(row.frames[2].z, end, atol=1e-6)
    assert rows[0].frames[1].suffix == "husky--z--02"


def test_latent_interpolations_of_several_samples_follow_each_other(loaded):
    rows = latent_interpolation(loaded, [0], 2, seed=3, steps=2)
    np.testing.assert_allclose(
        rows[0].frames[1].z, rows[1].frames[0].z, atol=1e-6
    )
    assert rows[1].frames[0].suffix == "husky--z--2--01"


def test_file_words_are_safe_and_different():
    assert file_words(["a b", "a/b", "ä.c", "d"]) == [
        "a_b-0",
        "a_b-1",
        "ä.c",
        "d",
    ]
    assert file_words(["a b", "a_b", "a_b-1"]) == ["a_b-0", "a_b-1", "a_b-1-2"]
    assert file_words(["Cat", "cat"]) == ["Cat", "cat-2"]
    assert len(file_words(["long" * 60])[0]) == 40
