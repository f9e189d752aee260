import dataclasses

import pytest

from deepi2i_tf.reporting.published import PUBLISHED
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.reporting.sections.scores import flat, numbers, published
from tests.reporting import drawn_report
from tests.reporting.page_parts import report_parts

REPORT = ReportData(
    name="mine",
    metrics={"rc": 0.512, "fc": 0.5, "mfid": 70.25, "mkid_x100": 5.125},
    rows=[],
    pictures={},
    log={},
    config={},
    flagfile="",
    dataset="animal_faces",
)


def _parts(folder, **changes):
    report = drawn_report.read(folder, changes=changes)
    return report_parts(numbers=numbers(report))


def _lines(parts):
    return [line for line in parts.text.splitlines() if line.strip()]


def _after(parts, name):
    lines = _lines(parts)
    return lines[lines.index(name) + 1 : lines.index(name) + 3]


def test_headline_numbers_stand_with_what_they_are_held_against(tmp_path):
    parts = _parts(tmp_path, rc=0.9804, rc_real=0.999, mfid=20.71)
    assert _after(parts, "RC") == [
        "98.0 %",
        "real images 99.9 %, chance 20.0 %",
    ]
    assert _after(parts, "mFID (domain)") == ["20.7", "lower is better"]
    assert _after(parts, "Diversity") == [
        "0.410",
        "translations 3.184, reals 7.766",
    ]


def test_the_protocol_stands_beside_them(tmp_path):
    parts = _parts(tmp_path, protocol={"split": "<test>", "step": 7000})
    assert "Protocol: how they came about" in parts.headings
    assert "split<test>" in parts.text.replace("\n", "")
    assert "step7000" in parts.text.replace("\n", "")


def test_a_nested_part_of_the_protocol_is_flattened(tmp_path):
    recipe = {"widths": [16, 32], "deep": {"noise": 0.05}}
    text = _parts(tmp_path, protocol={"judge_recipe": recipe}).text
    assert "widths16, 32" in text.replace("\n", "")
    assert "deep/noise0.05" in text.replace("\n", "")


def test_poses_have_a_row_for_each_kind_and_gaps_where_undefined(tmp_path):
    parts = _parts(
        tmp_path,
        pose_r2={"x": 0.9671, "roll": -0.0518},
        pose_r2_real={"x": 0.99, "yaw": 0.9},
    )
    assert parts.tables[0] == [
        ["", "x", "roll", "yaw"],
        ["R\u00b2, translations against the source's true pose", "0.967"]
        + ["-0.052", "-"],
        ["R\u00b2, real images against their true pose", "0.990", "-", "0.900"],
    ]


def test_numbers_that_do_not_apply_are_absent(tmp_path):
    absent = dict.fromkeys(
        ("rc_changed", "fc", "mfid", "mkid_x100", "features", "truth")
    )
    parts = _parts(
        tmp_path, **absent, diversity=None, pose_r2=None, pose_r2_real=None
    )
    assert "mFID" not in parts.text
    assert "None" not in parts.text
    assert "Diversity" not in parts.text
    assert parts.tables == []


def test_the_truth_has_a_row_for_each_distance(tmp_path):
    partly = {"pixels": {"gained": -0.5}, "features": {"kept": 1, "gained": 0}}
    parts = _parts(tmp_path, truth=partly)
    assert parts.tables[1] == [
        ["by", "kept", "gained"],
        ["absolute error of pixels", "-", "-0.500"],
        ["distance of features (domain)", "1.000", "0.000"],
    ]
    assert "Truth gained, pixels" in parts.text
    assert "Truth kept, pixels" not in parts.text
    assert "Truth kept, features (domain)" in parts.text


def test_unknown_numbers_are_shown_by_their_own_names(tmp_path):
    parts = _parts(tmp_path, rc_unseen={"a": 0.5, "text": "x"}, diversity=0.25)
    assert parts.tables[2] == [
        ["metric", "value"],
        ["diversity", "0.25"],
        ["rc unseen/a", "0.5"],
    ]


def test_nested_values_are_named_with_slashes():
    assert flat({"a": {"b": 1, "c": {"d": 2}}, "e": [3]}) == {
        "a/b": 1,
        "a/c/d": 2,
        "e": [3],
    }


def _table(features, **changes):
    metrics = dict(REPORT.metrics, features=features)
    report = dataclasses.replace(REPORT, metrics=metrics, **changes)
    (table,) = report_parts(published=published(report)).tables
    return table


def test_inception_distances_stand_in_the_published_columns():
    head, *rows = _table("inception-2015")
    assert head == [
        "method",
        "RC %",
        "FC %",
        "mKID x 100 (inception-2015)",
        "mFID (inception-2015)",
    ]
    assert rows[4] == ["DeepI2I", "49.5", "55.4", "4.93", "68.4"]
    assert rows[5] == ["this run: mine", "51.2", "50.0", "5.12", "70.2"]
    assert len(rows) == 6


def test_other_distances_never_share_a_column_with_published_ones():
    head, *rows = _table("domain")
    assert head[5:] == ["mKID x 100 (domain)", "mFID (domain)"]
    assert rows[5][3:] == ["-", "-", "5.12", "70.2"]
    for row in rows[:5]:
        assert row[5:] == ["-", "-"]
        assert "-" not in row[:5]


def test_a_run_without_distances_has_no_column_of_its_own():
    report = dataclasses.replace(REPORT, metrics={"rc": 0.5})
    (table,) = report_parts(published=published(report)).tables
    assert len(table[0]) == 5
    assert table[-1][1:] == ["50.0", "-", "-", "-"]


@pytest.mark.parametrize("dataset", list(PUBLISHED))
def test_only_rows_of_the_same_data_set_are_shown(dataset):
    _, *rows = _table("inception-2015", dataset=dataset)
    methods = [row.method for row in PUBLISHED[dataset].rows]
    assert [row[0] for row in rows[:-1]] == methods
    assert rows[0][4] == PUBLISHED[dataset].rows[0].mfid


@pytest.mark.parametrize("dataset, said", [("<mine>", "<mine>"), ("", "no")])
def test_other_data_sets_have_no_published_rows(dataset, said):
    report = dataclasses.replace(REPORT, dataset=dataset)
    parts = report_parts(published=published(report))
    assert parts.tables == []
    assert said in parts.text
    text = " ".join(parts.text.split())
    assert "animal_faces, uecfood256, nabirds only" in text
