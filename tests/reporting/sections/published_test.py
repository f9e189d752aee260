import dataclasses

import pytest

from deepi2i_tf.reporting.published import PUBLISHED
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.reporting.sections.published import published_section
from tests.reporting.page_parts import PageParts

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


def _table(features, **changes):
    metrics = dict(REPORT.metrics, features=features)
    report = dataclasses.replace(REPORT, metrics=metrics, **changes)
    (table,) = PageParts(published_section(report).body).tables
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
    for published in rows[:5]:
        assert published[5:] == ["-", "-"]
        assert "-" not in published[:5]


def test_a_run_without_distances_has_no_column_of_its_own():
    report = dataclasses.replace(REPORT, metrics={"rc": 0.5})
    (table,) = PageParts(published_section(report).body).tables
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
    parts = PageParts(published_section(report).body)
    assert parts.tables == []
    assert said in parts.text
    assert "animal_faces, uecfood256, nabirds only" in parts.text
