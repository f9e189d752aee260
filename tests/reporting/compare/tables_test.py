import dataclasses

import pytest

from deepi2i_tf.reporting.compare.runs import ComparedRun
from deepi2i_tf.reporting.compare.tables import (
    differences_section,
    metrics_section,
)
from deepi2i_tf.reporting.report_data import ReportData
from tests.reporting.page_parts import PageParts

METRICS = {
    "rc": 0.5,
    "rc_real": 0.99,
    "mfid": 60.0,
    "features": "domain",
    "pose_r2": {"x": 0.9, "roll": 0.2},
    "per_class": {"cat": {}, "dog": {}},
    "protocol": {"seed": 0, "run_dir": "runs/a", "judge": "1f"},
}
REPORT = ReportData(
    name="one",
    metrics=METRICS,
    rows=[],
    pictures={},
    log={},
    config={"network": {"ch": 16}, "training": {"name": "a"}},
    flagfile="",
    dataset="creatures",
)


def _runs(changes=None, **report):
    """Two runs, the second with changed metrics and report."""
    metrics = METRICS | (changes or {})
    second = dataclasses.replace(REPORT, name="two", metrics=metrics, **report)
    return [ComparedRun("A", REPORT), ComparedRun("B", second)]


def _rows(section):
    parts = PageParts(section.body)
    return (
        {row[0]: row[1:] for row in parts.tables[0][1:]}
        if (parts.tables)
        else {}
    )


def _best(runs):
    """Names of the rows with a star, and whose it is."""
    lines = metrics_section(runs).body.split("<tr>")[2:]
    found = {}
    for line in lines:
        name = line.split("</th>")[0].rpartition(">")[2]
        cells = line.split("<td")[1:]
        found[name] = [n for n, c in enumerate(cells) if 'class="best"' in c]
    return {name: places for name, places in found.items() if places}


def test_only_what_differs_is_listed():
    protocol = {"seed": 3, "run_dir": "runs/b", "judge": "1f", "num_z": 2}
    config = {"network": {"ch": 32}, "training": {"name": "b"}}
    rows = _rows(
        differences_section(_runs({"protocol": protocol}, config=config))
    )
    assert rows == {
        "protocol: seed": ["0", "3"],
        "protocol: num z": ["-", "2"],
        "configuration: network/ch": ["16", "32"],
    }


def test_other_data_sets_and_features_are_listed_first():
    names = {f"c{n}": {} for n in range(6)}
    changes = {"features": "inception-2015", "per_class": names}
    rows = _rows(differences_section(_runs(changes, dataset="<foods>")))
    assert rows == {
        "data set": ["creatures", "<foods>"],
        "classes": ["2", "6, the last c5"],
        "names of the classes": ["cat, dog", "c0, c1, c2, c3 ..."],
        "features": ["domain", "inception-2015"],
    }


def test_equal_runs_are_said_to_be_equal():
    section = differences_section(_runs())
    assert "<table" not in section.body
    assert "Nothing that the reports know of" in section.body


def test_the_best_of_a_row_is_marked_by_what_is_better():
    changes = {"rc": 0.6, "mfid": 70.0, "pose_r2": {"x": 0.8, "roll": 0.2}}
    runs = _runs(changes)
    assert _rows(metrics_section(runs)) == {
        "RC %": ["50.0", "60.0"],
        "mFID (domain)": ["60.0", "70.0"],
        "RC of real test images %": ["99.0", "99.0"],
        "pose, R\u00b2 of x": ["0.900", "0.800"],
        "pose, R\u00b2 of roll": ["0.200", "0.200"],
    }
    assert _best(runs) == {
        "RC %": [1],
        "mFID (domain)": [0],
        "pose, R\u00b2 of x": [0],
    }


def test_distances_of_other_features_stand_in_rows_of_their_own():
    runs = _runs({"mfid": 20.0, "features": "inception-2015", "rc": 0.7})
    rows = _rows(metrics_section(runs))
    assert rows["mFID (domain)"] == ["60.0", "-"]
    assert rows["mFID (inception-2015)"] == ["-", "20.0"]
    assert _best(runs) == {"RC %": [1]}


def test_distances_by_another_judge_have_no_best():
    protocol = {"seed": 0, "judge": "2e"}
    runs = _runs({"mfid": 20.0, "rc": 0.7, "protocol": protocol})
    assert _best(runs) == {"RC %": [1]}
    assert "different feature networks" in metrics_section(runs).body


def test_inception_distances_do_not_depend_on_the_judge():
    metrics = METRICS | {"features": "inception-2015"}
    first = dataclasses.replace(REPORT, metrics=metrics)
    other = metrics | {"mfid": 20.0, "protocol": {"seed": 0, "judge": "2e"}}
    second = dataclasses.replace(REPORT, metrics=other)
    runs = [ComparedRun("A", first), ComparedRun("B", second)]
    assert _best(runs) == {"mFID (inception-2015)": [1]}


@pytest.mark.parametrize(
    "changes, report",
    [({}, {"dataset": "foods"}), ({"per_class": {"cat": {}}}, {})],
)
def test_different_data_have_no_best(changes, report):
    runs = _runs({"rc": 0.7} | changes, **report)
    assert _best(runs) == {}
    assert "none is called the best" in metrics_section(runs).body
