import os

import pytest

from deepi2i_tf.reporting.compare.page import write_comparison
from deepi2i_tf.utils.errors import UserError
from tests.reporting import drawn_report
from tests.reporting.drawn_report import SMALL
from tests.reporting.page_parts import PageParts


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
    path = write_comparison(runs, str(output))
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
    charts = [i for i in parts.images if "over steps" in i["alt"]]
    assert len(charts) == len(plots)


def test_runs_without_curves_or_pictures_compare_too(tmp_path):
    runs = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "metrics.json").write_text('{"rc": 0.5}')
        runs.append(str(folder))
    with open(write_comparison(runs, str(tmp_path)), encoding="utf-8") as file:
        parts = PageParts(file.read())
    assert parts.headings[1:] == ["What differs", "Metrics"]


def test_what_cannot_be_compared_leaves_no_page(tmp_path):
    with pytest.raises(UserError):
        write_comparison([str(tmp_path)], str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
