import numpy as np
import pytest

from deepi2i_tf.config import CLASS_ROWS
from deepi2i_tf.transfer import class_rows
from deepi2i_tf.transfer.class_rows import ClassRow, choose_rows
from deepi2i_tf.utils.errors import UserError

OURS, THEIRS = ("elk", "bee", "fox", "owl"), ("ant", "bee", "cat")


def nearest():
    return {"elk": "ant", "bee": "cat", "fox": "cat"}


def rules(class_rows, mapped=()):
    rows = choose_rows(OURS, THEIRS, dict(mapped), class_rows, nearest)
    return [(row.rule, row.source) for row in rows]


MEAN = ("mean", None)


@pytest.mark.parametrize(
    "allowed, expected",
    [
        ("auto", ["map", "name", "features", "mean"]),
        ("name", ["map", "name", "mean", "mean"]),
        ("features", ["map", "features", "features", "mean"]),
        ("mean", ["map", "mean", "mean", "mean"]),
    ],
)
def test_the_first_rule_that_applies_serves_a_class(allowed, expected):
    found = rules(allowed, {"elk": "bee"})
    assert [rule for rule, _ in found] == expected
    assert found[0] == ("map", "bee")


def test_what_each_rule_takes():
    assert rules("auto") == [
        ("features", "ant"), ("name", "bee"), ("features", "cat"), MEAN,
    ]  # fmt: skip
    assert rules("auto", {"bee": "ant"})[1] == ("map", "ant")


NFC, NFD = "caf\xe9", "cafe\u0301"


def test_a_name_is_equal_in_whatever_form_it_is_written():
    rows = choose_rows((NFC, "b"), ("b", NFD), {}, "name", nearest)
    assert [(row.name, row.source) for row in rows] == [(NFC, NFD), ("b", "b")]


def test_no_image_is_looked_at_where_names_serve_all():
    def costly():
        raise AssertionError("not needed")

    rows = choose_rows(THEIRS[::-1], THEIRS, {}, "auto", costly)
    assert [row.source for row in rows] == ["cat", "bee", "ant"]


def test_rules_are_the_flags_choices():
    assert tuple(class_rows.RULES) == CLASS_ROWS


ROWS = (ClassRow("elk", "features", "cat"), ClassRow("owl", "mean", None))


def test_the_matrix_takes_one_row_or_all():
    matrix = class_rows.row_matrix(ROWS, THEIRS)
    np.testing.assert_allclose(matrix, [[0, 0, 1], [1 / 3] * 3])


def test_table_and_counts_say_which_rule_served_whom():
    assert class_rows.table_text(ROWS) == (
        "class\trule\tstarts from\nelk\tfeatures\tcat\nowl\tmean\t(mean)\n"
    )
    assert class_rows.counts_text(ROWS) == "1 by features, 1 by mean"


def read_map(tmp_path, content):
    path = tmp_path / "map.txt"
    path.write_bytes(content)
    return class_rows.read_class_map(
        str(path), ("elk", "fox"), ("ant, red", "bee")
    )


def test_tabs_and_commas_part_names(tmp_path):
    assert read_map(tmp_path, b"elk\tant, red\r\n\nfox , bee\n") == {
        "elk": "ant, red",
        "fox": "bee",
    }
    assert read_map(tmp_path, b"fox,bee") == {"fox": "bee"}


def test_a_map_gives_names_in_the_form_of_the_runs(tmp_path):
    path = tmp_path / "map.txt"
    path.write_text(f"{NFD}\tb\nx\t{NFC}\n", encoding="utf-8")
    known = (NFC, "x"), ("b", NFD)
    assert class_rows.read_class_map(str(path), *known) == {NFC: "b", "x": NFD}
    path.write_text(f"{NFD}\tb\n{NFC}\tb\n", encoding="utf-8")
    with pytest.raises(UserError, match="a class again in line 2"):
        class_rows.read_class_map(str(path), *known)


@pytest.mark.parametrize(
    "content, said",
    [
        ("elk\tbee\nox\tbee\nhen\tbee\n", "2 others: hen, ox."),
        ("elk\twasp\n", "1 others: wasp."),
        ("elk bee\n", "no pair in line 1, 'elk bee'"),
        ("elk,bee,1\n", "no pair in line 1"),
        ("elk,bee\nelk,bee\n", "a class again in line 2"),
    ],
)
def test_a_wrong_line_is_refused_in_one_sentence(tmp_path, content, said):
    with pytest.raises(UserError) as refusal:
        read_map(tmp_path, content.encode())
    assert said in str(refusal.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    with pytest.raises(UserError, match="--class_map to be a text file"):
        class_rows.read_class_map(str(tmp_path), ("elk",), ("bee",))
    with pytest.raises(UserError, match="--class_map to be a text file"):
        read_map(tmp_path, b"\xff\xfe\x00")
