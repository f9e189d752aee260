"""Data of the sections about classes: best and worst, all, confusion."""

from typing import Any

import numpy as np
from markupsafe import Markup

from deepi2i_tf.metrics import names
from deepi2i_tf.reporting.html.images import Encoder, PictureRow
from deepi2i_tf.reporting.html.page import Cell, Table
from deepi2i_tf.reporting.metric_labels import COLUMNS, columns_of
from deepi2i_tf.reporting.plots.confusion import SLUG, draw_confusion
from deepi2i_tf.reporting.plots.figure import publish
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.reporting.text import NOTHING, as_number, counted, percent

MOST_EXTREMES = 5
MOST_PICTURES = 8
MOST_MISTAKES = 20
# The heat map of more classes keeps its size and scrolls.
MOST_FITTED = 100
# What classes are ranked by, the first that is known; is more better?
_RANKS = (
    (names.RC, True),
    (names.FID, False),
    (names.KID_X100, False),
    (names.FC, True),
)


def extremes(report: ReportData, encoder: Encoder) -> dict[str, Any] | None:
    """The best and the worst classes, with pictures where there are some."""
    ranked, column = _ranked(report)
    if len(ranked) < 2:
        return None
    count = min(MOST_EXTREMES, len(ranked) // 2)
    best, worst = ranked[:count], ranked[: -count - 1 : -1]
    groups = {
        title: [_extreme(report, encoder, row, column) for row in chosen]
        for title, chosen in (("Best", best), ("Worst", worst))
    }
    return {
        "column": _label(column),
        "groups": groups,
        "complete": all(r.pictures for rows in groups.values() for r in rows),
    }


def classes(report: ReportData) -> dict[str, Any] | None:
    """Every class with its numbers, sortable by each of them."""
    columns = columns_of(report.rows)
    if not columns:
        return None
    rows = []
    for row in report.rows:
        cells: list[str | Cell] = [row.get("class", "")]
        for name, column in columns.items():
            value = as_number(row.get(name))
            text = NOTHING if value is None else column.form(value)
            cells.append(Cell(text, value))
        rows.append(cells)
    head = ["class", *(column.label for column in columns.values())]
    table = Table("Per class", head, rows, "numbers sortable tall")
    return {"count": counted(len(rows), "class"), "table": table}


def confusion(report: ReportData, folder: str) -> dict[str, Any] | None:
    """What the classifier saw in the translations."""
    counts = report.pictures.get("confusion")
    if counts is None or not counts.sum():
        return None
    return {
        "map": _heat_map(report, counts, folder),
        "large": len(counts) > MOST_FITTED,
        "mistakes": _mistakes(report, counts),
    }


def _heat_map(report: ReportData, counts: np.ndarray, folder: str) -> Markup:
    class_names = [report.class_name(n) for n in range(len(counts))]
    alt = f"heat map of {len(counts)} classes asked for against seen"
    return publish(draw_confusion(counts, class_names), folder, SLUG, alt)


def _mistakes(report: ReportData, counts: np.ndarray) -> Table | None:
    """The most frequent pairs of requested and seen."""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_MISTAKES]
    rows = []
    for wanted, seen in zip(*np.unravel_index(order, wrong.shape), strict=True):
        count = int(wrong[wanted, seen])
        if not count:
            break
        fraction = count / counts[wanted].sum()
        rows.append(
            [
                report.class_name(int(wanted)),
                report.class_name(int(seen)),
                Cell(f"{count:,}", count),
                Cell(percent(fraction), fraction),
            ]
        )
    head = ["asked for", "seen", "translations", "% of the class"]
    label, mark = "Most frequent mistakes", "sortable mistakes"
    return Table(label, head, rows, mark) if rows else None


def _ranked(report: ReportData) -> tuple[list[dict[str, str]], str]:
    """Rows of the classes, best first, and the column that ranks them."""
    for column, more_is_better in _RANKS:
        known = [r for r in report.rows if as_number(r.get(column)) is not None]
        if known:
            known.sort(
                key=lambda row, name=column: as_number(row[name]),
                reverse=more_is_better,
            )
            return known, column
    return [], ""


def _extreme(
    report: ReportData, encoder: Encoder, row: dict[str, str], column: str
) -> PictureRow:
    name, form = row["class"], COLUMNS[column].form
    pictures = [
        encoder.picture(image, f"translation into {name}")
        for image in _pictures(report, name)[:MOST_PICTURES]
    ]
    number = f"{_label(column)} {form(float(row[column]))}"
    return PictureRow(name, pictures, number)


def _label(column: str) -> str:
    return COLUMNS[column].label.removesuffix(" %")


def _pictures(report: ReportData, name: str) -> list[np.ndarray]:
    """Translations into a class, from the grid and the random samples."""
    if name not in report.class_names:
        return []
    label, found = report.class_names.index(name), report.pictures
    images: list[np.ndarray] = []
    for row in np.flatnonzero(np.equal(found.get("grid_targets", []), label)):
        images += list(found["grid"][row])
    for row in np.flatnonzero(np.equal(found.get("random_targets", []), label)):
        images.append(found["random"][row])
    return images
