import dataclasses

import numpy as np
import pytest

from deepi2i_tf.reporting.compare.pictures import grid_section
from deepi2i_tf.reporting.compare.runs import ComparedRun
from deepi2i_tf.reporting.html.images import Encoder
from deepi2i_tf.reporting.report_data import ReportData
from tests.reporting.page_parts import PageParts, pixels

ENCODER = Encoder()


def _greys(*values):
    """Pictures of one grey each."""
    greys = np.array(values, np.uint8)[..., None, None, None]
    return np.broadcast_to(greys, (*greys.shape[:-3], 4, 4, 3)).copy()


def _run(letter, names, sources, grid, targets):
    pictures = {
        "sources": _greys(*sources),
        "source_labels": np.zeros(len(sources), int),
        "grid": _greys(*grid),
        "grid_targets": np.array(targets),
    }
    metrics = {"per_class": dict.fromkeys(names)}
    report = ReportData("n", metrics, [], pictures, {}, {}, "", "")
    return ComparedRun(letter, report)


A = _run("A", ["cat", "dog"], [10, 20, 30], [[1, 2, 3], [4, 5, 6]], [0, 1])
# Other sources in another order, and the classes the other way round.
B = _run("B", ["dog", "cat"], [30, 40, 10], [[7, 8, 9], [11, 12, 13]], [0, 1])


def test_the_same_sources_and_classes_meet():
    parts = PageParts(grid_section([A, B], ENCODER).body)
    head, *rows = parts.tables[0]
    greys = [int(pixels(image)[0, 0, 0]) for image in parts.images]
    assert greys == [10, 30, 1, 3, 13, 11, 4, 6, 9, 7]
    labels = [row[0].replace("\n", " ").strip() for row in rows]
    assert labels == ["cat A", "B", "dog A", "B"]
    assert [cell.strip() for cell in head] == ["source", "cat", "cat"]
    assert parts.images[4]["alt"] == "source 1 as cat by B"
    assert "Shown" not in parts.text


@pytest.mark.parametrize(
    "names, sources, lacking",
    [
        (["dog", "cat"], [1, 2, 3], "no source in common"),
        (["owl", "fox"], [10, 20, 30], "no target class in common"),
    ],
)
def test_runs_with_nothing_in_common_say_so(names, sources, lacking):
    other = _run("B", names, sources, [[7, 8, 9], [11, 12, 13]], [0, 1])
    assert lacking in grid_section([A, other], ENCODER).body


def test_a_run_without_a_grid_leaves_none():
    bare = dataclasses.replace(A.report, pictures={})
    assert grid_section([A, ComparedRun("B", bare)], ENCODER) is None


def test_many_are_thinned_and_counted():
    names = [f"c{n}" for n in range(30)]
    grid = np.arange(30 * 15).reshape(30, 15) % 256
    runs = [_run(x, names, range(15), grid, range(30)) for x in "AB"]
    parts = PageParts(grid_section(runs, ENCODER).body)
    assert len(parts.tables[0]) == 1 + 12 * 2
    assert len(parts.images) == 10 + 12 * 2 * 10
    assert "Shown: 10 of 15 sources, 12 of 30 targets" in parts.text
