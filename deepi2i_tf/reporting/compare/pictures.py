"""The same sources' translations by several runs, in one grid."""

from collections.abc import Sequence

import numpy as np

from deepi2i_tf.reporting.compare.runs import ComparedRun
from deepi2i_tf.reporting.html.elements import (
    Markup,
    Section,
    breakable,
    element,
    joined,
    note,
    paragraph,
)
from deepi2i_tf.reporting.html.images import Encoder, picture_table
from deepi2i_tf.reporting.sections.gallery import source_head
from deepi2i_tf.reporting.text import counted
from deepi2i_tf.utils.spacing import evenly_spaced

MOST_TARGETS = 12
MOST_SOURCES = 10
_TITLE = "The same sources by each run"
_ANCHOR = "grid"


def grid_section(
    runs: Sequence[ComparedRun], encoder: Encoder
) -> Section | None:
    """Rows of the runs, one below the other, for each target.

    Args:
        runs: their grids; a source is the same where its pixels are.
        encoder: makes the pictures.
    """
    if not all(_has_grid(run) for run in runs):
        return None
    sources = _shared([_sources(run) for run in runs])
    targets = _shared([_targets(run) for run in runs])
    if not sources or not targets:
        return _nothing_shared("source" if targets else "target class")
    columns = evenly_spaced(len(sources), MOST_SOURCES)
    rows = evenly_spaced(len(targets), MOST_TARGETS)
    heads = [
        source_head(runs[0].report, encoder, sources[n][0]) for n in columns
    ]
    lines = [
        _line(runs, run, at, sources, columns, encoder)
        for row in rows
        for run, at in zip(runs, targets[row], strict=True)
    ]
    body = [
        paragraph(
            "Each column is one source; for each target class, the rows are "
            "the runs. The same z is not to be expected: compare class, pose "
            "and quality, not details."
        ),
        picture_table(
            ["source", *heads], lines, _TITLE, "grid", group=len(runs)
        ),
    ]
    if len(columns) < len(sources) or len(rows) < len(targets):
        message = f"{len(columns)} of {counted(len(sources), 'source')}"
        message += f", {len(rows)} of {counted(len(targets), 'target')}"
        body.append(note(f"Shown: {message} that the runs share."))
    return Section(_ANCHOR, _TITLE, joined(body))


def _nothing_shared(what: str) -> Section:
    said = f"The runs' grids have no {what} in common."
    return Section(_ANCHOR, _TITLE, paragraph(said))


def _line(
    runs: Sequence[ComparedRun],
    run: ComparedRun,
    row: int,
    sources: Sequence[tuple[int, ...]],
    columns: np.ndarray,
    encoder: Encoder,
) -> tuple[Markup, list[Markup]]:
    """One target by one run."""
    report = run.report
    name = report.class_name(int(report.pictures["grid_targets"][row]))
    place = runs.index(run)
    cells = [
        encoder.picture(
            report.pictures["grid"][row, sources[column][place]],
            f"source {column + 1} as {name} by {run.letter}",
        )
        for column in columns
    ]
    label = [element("span", breakable(name))] if place == 0 else []
    return joined([*label, element("small", run.letter)]), cells


def _has_grid(run: ComparedRun) -> bool:
    needed = ("sources", "grid", "grid_targets")
    return all(name in run.report.pictures for name in needed)


def _sources(run: ComparedRun) -> dict[object, int]:
    """Places of the sources by their pixels."""
    images = run.report.pictures["sources"]
    return {(im.shape, im.tobytes()): n for n, im in enumerate(images)}


def _targets(run: ComparedRun) -> dict[object, int]:
    """Rows of the grid by the name of their class."""
    targets = run.report.pictures["grid_targets"]
    return {run.report.class_name(int(t)): n for n, t in enumerate(targets)}


def _shared(places: Sequence[dict[object, int]]) -> list[tuple[int, ...]]:
    """Places, one for each run, of what all of them have."""
    return [
        tuple(found[key] for found in places)
        for key in places[0]
        if all(key in found for found in places)
    ]
