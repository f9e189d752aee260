"""The section that puts a run beside the published rows of its data set."""

from deepi2i_tf.reporting.html.elements import (
    Cell,
    Markup,
    Section,
    joined,
    note,
    paragraph,
    table,
)
from deepi2i_tf.reporting.metric_labels import FC, MFID, MKID, RC, Metric
from deepi2i_tf.reporting.published import INCEPTION, PUBLISHED, PublishedSet
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.reporting.text import NOTHING

_TITLE = "Beside published numbers"
_ANCHOR = "published"


def published_section(report: ReportData) -> Section:
    """This run beside the published rows, or why there are none."""
    published = PUBLISHED.get(report.dataset)
    if published is None:
        message = report.dataset or "a data set that no file names"
        return Section(
            _ANCHOR,
            _TITLE,
            paragraph(
                f"This run is on {message}. Published rows exist for "
                f"{', '.join(PUBLISHED)} only."
            ),
        )
    # Distances of other features never enter the columns of Inception's.
    added = [MKID, MFID] if _has_other_distances(report) else []
    body = [
        paragraph(
            f"{published.title}: rows from {published.source}, as printed "
            "there, and this run below. Higher RC and FC are better, lower "
            "mKID and mFID."
        ),
        _table(report, published, added),
        note(
            "Published RC and FC come from their authors' classifiers and "
            "images, those of this run from the protocol above: read them as "
            "neighbours, not as one contest."
        ),
    ]
    if added:
        body.append(
            note(
                f"Distances between {report.features} features are on another "
                f"scale than those of {INCEPTION}, so they have columns of "
                "their own."
            )
        )
    return Section(_ANCHOR, _TITLE, joined(body))


def _table(
    report: ReportData, published: PublishedSet, added: list[Metric]
) -> Markup:
    columns = ["method", "RC %", "FC %"]
    columns += [metric.name(INCEPTION) for metric in (MKID, MFID)]
    columns += [metric.name(report.features) for metric in added]
    rows = [
        [row.method, row.rc, row.fc, row.mkid_x100, row.mfid]
        + [NOTHING] * len(added)
        for row in published.rows
    ]
    rows.append(_own_row(report, bool(added)))
    return table(columns, rows, "Published rows and this run", "numbers")


def _has_other_distances(report: ReportData) -> bool:
    message = [metric.value(report.metrics) for metric in (MKID, MFID)]
    return report.features != INCEPTION and message != [None, None]


def _own_row(report: ReportData, own_columns: bool) -> list[Cell]:
    def message(metric: Metric) -> str:
        return metric.form(metric.value(report.metrics))

    distances = [message(MKID), message(MFID)]
    if own_columns:
        distances = [NOTHING, NOTHING, *distances]
    cells = [f"this run: {report.name}", message(RC), message(FC), *distances]
    return [Cell(content, mark="own") for content in cells]
