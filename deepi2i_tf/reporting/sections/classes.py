"""The sections about single classes: best and worst, all of them, confusion."""

from collections.abc import Callable, Sequence

import numpy as np

from deepi2i_tf.metrics import names
from deepi2i_tf.reporting.html.elements import (
    Cell,
    Markup,
    Section,
    breakable,
    element,
    heading,
    joined,
    note,
    paragraph,
    table,
)
from deepi2i_tf.reporting.html.images import Encoder, picture_table
from deepi2i_tf.reporting.metric_labels import COLUMNS, columns_of
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.reporting.text import NOTHING, as_number, counted, percent

MOST_EXTREMES = 5
MOST_PICTURES = 8
MOST_MISTAKES = 20
# What classes are ranked by, the first that is known; is more better?
_RANKS = (
    (names.RC, True),
    (names.FID, False),
    (names.KID_X100, False),
    (names.FC, True),
)


def extremes_section(report: ReportData, encoder: Encoder) -> Section | None:
    """The best and the worst classes, with pictures where there are some."""
    ranked, column = _ranked(report)
    if len(ranked) < 2:
        return None
    count = min(MOST_EXTREMES, len(ranked) // 2)
    parts = [
        paragraph(
            f"Classes by {_label(column)}: what kind of class does the "
            "translator find easy, what kind hard? Pictures are translations "
            "into the class."
        )
    ]
    best, worst = ranked[:count], ranked[: -count - 1 : -1]
    for title, chosen in (("Best", best), ("Worst", worst)):
        lines = [_extreme(report, encoder, row, column) for row in chosen]
        parts += [heading(title), picture_table([], lines, f"{title} classes")]
    if not all(_pictures(report, row["class"]) for row in best + worst):
        parts.append(
            note("A class without pictures is not among the sampled targets.")
        )
    return Section("extremes", "Best and worst classes", joined(parts))


def classes_section(report: ReportData) -> Section | None:
    """Every class with its numbers, sortable by each of them."""
    columns = columns_of(report.rows)
    if not columns:
        return None
    heads = ["class", *(column.label for column in columns.values())]
    rows = []
    for row in report.rows:
        cells: list[str | Cell] = [breakable(row.get("class", ""))]
        for name, column in columns.items():
            value = as_number(row.get(name))
            message = NOTHING if value is None else column.form(value)
            cells.append(Cell(message, value))
        rows.append(cells)
    body = [
        paragraph(
            f"{counted(len(rows), 'class')}. Click a head to sort by it, "
            "again to turn the order round."
        ),
        table(heads, rows, "Per class", "numbers sortable tall"),
    ]
    return Section("classes", "Per class", joined(body))


def confusion_section(
    report: ReportData,
    draw: Callable[[np.ndarray, Sequence[str]], Markup],
) -> Section | None:
    """What the classifier saw in the translations.

    Args:
        report: its `confusion` counts wanted classes against seen ones.
        draw: makes the heat map of counts and class names.
    """
    confusion = report.pictures.get("confusion")
    if confusion is None or not confusion.sum():
        return None
    body = [
        paragraph(
            "Rows are the classes that were asked for, columns the classes "
            "that the classifier, trained on real images, saw; a row adds up "
            "to 1. A full diagonal is a translator that obeys. A streak down "
            "a column is a class that everything turns into, a block along "
            "the diagonal a family that is mixed up."
        ),
        draw(confusion, [report.class_name(n) for n in range(len(confusion))]),
        *_mistakes(report, confusion),
    ]
    return Section("confusion", "Confusion", joined(body))


def _mistakes(report: ReportData, confusion: np.ndarray) -> list[Markup]:
    """The most frequent pairs of wanted and seen, as a table."""
    wrong = confusion.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_MISTAKES]
    rows = []
    for wanted, seen in zip(*np.unravel_index(order, wrong.shape), strict=True):
        count = int(wrong[wanted, seen])
        if not count:
            break
        share = count / confusion[wanted].sum()
        rows.append(
            [
                breakable(report.class_name(int(wanted))),
                breakable(report.class_name(int(seen))),
                Cell(f"{count:,}", count),
                Cell(percent(share), share),
            ]
        )
    if not rows:
        return [paragraph("There is no mistake.")]
    heads = ["asked for", "seen", "translations", "% of the class"]
    return [
        heading("Most frequent mistakes"),
        table(heads, rows, "Most frequent mistakes", "sortable mistakes"),
    ]


def _ranked(report: ReportData) -> tuple[list[dict[str, str]], str]:
    """Rows of the classes, best first, and the column that says so."""
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
) -> tuple[Markup, list[Markup]]:
    name, form = row["class"], COLUMNS[column]
    number = f"{_label(column)} {form.form(float(row[column]))}"
    label = joined([element("span", breakable(name)), element("small", number)])
    cells = [
        encoder.picture(image, f"translation into {name}")
        for image in _pictures(report, name)[:MOST_PICTURES]
    ]
    return label, cells


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
