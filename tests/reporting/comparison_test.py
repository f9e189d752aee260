import dataclasses
import json
import os

import numpy as np
import pytest

from deepi2i_tf.reporting import comparison
from deepi2i_tf.reporting.comparison import ComparedRun
from deepi2i_tf.reporting.html.images import Encoder
from deepi2i_tf.reporting.html.page import render
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.utils.errors import UserError
from tests.reporting import drawn_report
from tests.reporting.drawn_report import SMALL
from tests.reporting.page_parts import PageParts, pixels

ENCODER = Encoder()


def _run(folder, name, **options):
    run = folder / name
    drawn_report.write_report(run / "report", run, SMALL, **options)
    return str(run)


def test_runs_stand_side_by_side_in_one_page(tmp_path):
    names = [f"<{n}>" for n in range(5)]
    runs = [
        _run(tmp_path, "one", names=names, changes={"rc": 0.5}),
        _run(tmp_path, "two", names=names, changes={"rc": 0.6}, seed=2),
    ]
    output = tmp_path / "comparison"
    path = comparison.write_comparison(runs, str(output))
    assert path == str(output / "comparison.html")
    with open(path, encoding="utf-8") as file:
        parts = PageParts(file.read())
    assert parts.headings == [
        "Comparison of 2 runs",
        "What differs",
        "Metrics",
        "The same sources by each run",
        "Curves",
    ]
    assert parts.tables[0][:2] == [
        ["metric", "A: one", "B: two"],
        ["RC %", "50.0", "60.0"],
    ]
    assert all(a.startswith(("data:", "#")) for a in parts.addresses)
    plots = os.listdir(output / "plots")
    assert "sigma_generator_largest.png" in plots
    assert len(parts.charts) == len(plots)
    assert len(parts.ids) == len(set(parts.ids))


def test_runs_without_curves_or_pictures_compare_too(tmp_path):
    runs = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "metrics.json").write_text('{"rc": 0.5}')
        runs.append(str(folder))
    with open(
        comparison.write_comparison(runs, str(tmp_path)), encoding="utf-8"
    ) as file:
        parts = PageParts(file.read())
    assert parts.headings[1:] == ["What differs", "Metrics"]


def test_what_cannot_be_compared_leaves_no_page(tmp_path):
    with pytest.raises(UserError):
        comparison.write_comparison([str(tmp_path)], str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


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
    compared = comparison.read_runs([str(path) for path in given])
    assert [run.title for run in compared] == (
        ["A: one", "B: two", "C: elsewhere"]
    )
    assert [bool(run.report.log) for run in compared] == [True, True, False]


@pytest.mark.parametrize("names", [["one"], ["one"] * 7])
def test_too_few_and_too_many_are_refused(runs, names):
    paths = [str(runs / name) for name in names]
    with pytest.raises(UserError, match=f"two to 6 .* Received: {len(names)}"):
        comparison.read_runs(paths)


def test_one_run_twice_is_refused(runs):
    paths = [str(runs / "one"), str(runs / "one" / "report")]
    with pytest.raises(UserError, match="different runs .*report twice"):
        comparison.read_runs(paths)


def test_a_run_that_was_not_evaluated_is_refused(runs, tmp_path):
    (tmp_path / "three").mkdir()
    with pytest.raises(UserError, match="three to be a report .* Evaluate it"):
        comparison.read_runs([str(runs / "one"), str(tmp_path / "three")])


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


def _page(**sections):
    texts = {"title": "t", "subtitle": "s"}
    return render("comparison.html.jinja", sections, **texts)


def _differences(runs):
    parts = PageParts(_page(differences=comparison.differences(runs)))
    return {row[0]: row[1:] for row in parts.tables[0][1:]}


def _metrics(runs):
    parts = PageParts(_page(metrics=comparison.metrics(runs)))
    return {row[0]: row[1:] for row in parts.tables[0][1:]}


def _best(runs):
    """Names of the rows with a star, and whose it is."""
    rows = comparison.metrics(runs)["table"].rows
    found = {
        name: [n for n, cell in enumerate(cells) if cell.mark == "best"]
        for name, *cells in rows
    }
    return {name: indices for name, indices in found.items() if indices}


def _grid(runs):
    return PageParts(_page(grid=comparison.grid(runs, ENCODER)))


def test_only_what_differs_is_listed():
    protocol = {"seed": 3, "run_dir": "runs/b", "judge": "1f", "num_z": 2}
    config = {"network": {"ch": 32}, "training": {"name": "b"}}
    rows = _differences(_runs({"protocol": protocol}, config=config))
    assert rows == {
        "protocol: seed": ["0", "3"],
        "protocol: num z": ["-", "2"],
        "configuration: network/ch": ["16", "32"],
    }


def test_other_data_sets_and_features_are_listed_first():
    names = {f"c{n}": {} for n in range(6)}
    changes = {"features": "inception-2015", "per_class": names}
    rows = _differences(_runs(changes, dataset="<foods>"))
    assert rows == {
        "data set": ["creatures", "<foods>"],
        "classes": ["2", "6, the last c5"],
        "names of the classes": ["cat, dog", "c0, c1, c2, c3 ..."],
        "features": ["domain", "inception-2015"],
    }


def test_equal_runs_are_said_to_be_equal():
    page = _page(differences=comparison.differences(_runs()))
    assert "<table" not in page
    assert "Nothing that the reports know of" in page


def test_the_best_of_a_row_is_marked_by_what_is_better():
    changes = {"rc": 0.6, "mfid": 70.0, "pose_r2": {"x": 0.8, "roll": 0.2}}
    runs = _runs(changes)
    assert _metrics(runs) == {
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
    rows = _metrics(runs)
    assert rows["mFID (domain)"] == ["60.0", "-"]
    assert rows["mFID (inception-2015)"] == ["-", "20.0"]
    assert _best(runs) == {"RC %": [1]}


def test_distances_by_another_judge_have_no_best():
    protocol = {"seed": 0, "judge": "2e"}
    runs = _runs({"mfid": 20.0, "rc": 0.7, "protocol": protocol})
    assert _best(runs) == {"RC %": [1]}
    assert "different feature networks" in _page(
        metrics=comparison.metrics(runs)
    )


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
    assert "none is called the best" in _page(metrics=comparison.metrics(runs))


def _greys(*values):
    """Pictures of one grey each."""
    greys = np.array(values, np.uint8)[..., None, None, None]
    return np.broadcast_to(greys, (*greys.shape[:-3], 4, 4, 3)).copy()


def _grid_of(letter, names, sources, grid, targets):
    pictures = {
        "sources": _greys(*sources),
        "source_labels": np.zeros(len(sources), int),
        "grid": _greys(*grid),
        "grid_targets": np.array(targets),
    }
    metrics = {"per_class": dict.fromkeys(names)}
    report = ReportData("n", metrics, [], pictures, {}, {}, "", "")
    return ComparedRun(letter, report)


FIRST, SECOND = [[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [11, 12, 13]]
A = _grid_of("A", ["cat", "dog"], [10, 20, 30], FIRST, [0, 1])
# Other sources in another order, and the classes the other way round.
B = _grid_of("B", ["dog", "cat"], [30, 40, 10], SECOND, [0, 1])


def test_the_same_sources_and_classes_meet():
    parts = _grid([A, B])
    head, *rows = parts.tables[0]
    greys = [int(pixels(image)[0, 0, 0]) for image in parts.images]
    assert greys == [10, 30, 1, 3, 13, 11, 4, 6, 9, 7]
    labels = [row[0].replace("\n", " ").strip() for row in rows]
    assert labels == ["cat A", "B", "dog A", "B"]
    assert [cell.strip() for cell in head] == ["source", "cat", "cat"]
    assert parts.images[4]["alt"] == "source 1 as cat by B"
    assert "Shown" not in parts.text


def test_the_right_answer_stands_below_the_runs():
    answers = np.add(FIRST, 100)
    pictures = A.report.pictures | {"truth": _greys(*answers)}
    first = dataclasses.replace(A.report, pictures=pictures)
    parts = _grid([ComparedRun("A", first), B])
    greys = [int(pixels(image)[0, 0, 0]) for image in parts.images]
    assert greys[2:8] == [1, 3, 13, 11, 101, 103]
    labels = [row[0].split()[-1] for row in parts.tables[0][1:]]
    assert labels == ["A", "B", "truth"] * 2


@pytest.mark.parametrize(
    "names, sources, lacking",
    [
        (["dog", "cat"], [1, 2, 3], "no source in common"),
        (["owl", "fox"], [10, 20, 30], "no target class in common"),
    ],
)
def test_runs_with_nothing_in_common_say_so(names, sources, lacking):
    other = _grid_of("B", names, sources, SECOND, [0, 1])
    assert lacking in _grid([A, other]).text


def test_a_run_without_a_grid_leaves_none():
    bare = dataclasses.replace(A.report, pictures={})
    assert comparison.grid([A, ComparedRun("B", bare)], ENCODER) is None


def test_many_are_thinned_and_counted():
    names = [f"c{n}" for n in range(30)]
    grid = np.arange(30 * 15).reshape(30, 15) % 256
    runs = [_grid_of(x, names, range(15), grid, range(30)) for x in "AB"]
    parts = _grid(runs)
    assert len(parts.tables[0]) == 1 + 12 * 2
    assert len(parts.images) == 10 + 12 * 2 * 10
    assert "Shown: 10 of 15 sources, 12 of 30 targets" in parts.text
