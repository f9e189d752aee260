import json

import pytest

from deepi2i_tf.reporting.compare.runs import read_runs
from deepi2i_tf.utils.errors import UserError
from tests.reporting import drawn_report
from tests.reporting.drawn_report import SMALL


@pytest.fixture
def runs(tmp_path):
    for name in ("one", "two"):
        run = tmp_path / name
        drawn_report.write_report(run / "report", run, SMALL)
    return tmp_path


def test_runs_and_folders_of_reports_are_found(runs, tmp_path):
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "metrics.json").write_text(json.dumps({"rc": 0.5}))
    given = [runs / "one", runs / "two" / "report", other]
    compared = read_runs([str(path) for path in given])
    assert [run.title for run in compared] == (
        ["A: one", "B: two", "C: elsewhere"]
    )
    assert [bool(run.report.log) for run in compared] == [True, True, False]


@pytest.mark.parametrize("names", [["one"], ["one"] * 7])
def test_too_few_and_too_many_are_refused(runs, names):
    paths = [str(runs / name) for name in names]
    with pytest.raises(UserError, match=f"two to 6 .* Received: {len(names)}"):
        read_runs(paths)


def test_one_run_twice_is_refused(runs):
    paths = [str(runs / "one"), str(runs / "one" / "report")]
    with pytest.raises(UserError, match="different runs .*report twice"):
        read_runs(paths)


def test_a_run_that_was_not_evaluated_is_refused(runs, tmp_path):
    (tmp_path / "three").mkdir()
    with pytest.raises(UserError, match="three to be a report .* Evaluate it"):
        read_runs([str(runs / "one"), str(tmp_path / "three")])
