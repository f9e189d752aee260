"""`report.html`: an evaluation and its run in one file that opens offline."""

import os

from deepi2i_tf.reporting.html.images import Encoder, small_enough
from deepi2i_tf.reporting.html.page import page
from deepi2i_tf.reporting.report_data import ReportData, read_report
from deepi2i_tf.reporting.sections.charts import ChartBook
from deepi2i_tf.reporting.sections.classes import (
    classes_section,
    confusion_section,
    extremes_section,
)
from deepi2i_tf.reporting.sections.gallery import (
    grid_section,
    neighbours_section,
    random_section,
    strips_section,
)
from deepi2i_tf.reporting.sections.published import published_section
from deepi2i_tf.reporting.sections.scores import headline_section
from deepi2i_tf.reporting.sections.training import (
    flags_section,
    losses_section,
    progress_section,
    rates_section,
    sigma_section,
)
from deepi2i_tf.reporting.text import counted
from deepi2i_tf.utils.atomic_files import atomic_write

HTML_FILE = "report.html"


def write_html(output: str, run_dir: str = "") -> str:
    """Writes `report.html` and `plots/*.png` from the files of a report.

    The file stays under 15 MB, 555 classes or not: pictures are limited in
    number and, where that is not enough, shrunk; it says so.

    Args:
        output: folder with `metrics.json` and what lies beside it.
        run_dir: the run directory, for its curves and flags; empty for none.

    Returns:
        Path of the page.

    Raises:
        UserError: `metrics.json` is missing, or a file cannot be read.
    """
    report = read_report(output, run_dir)
    book = ChartBook(output)
    path = os.path.join(output, HTML_FILE)
    atomic_write(
        path, small_enough(lambda encoder: _page(report, book, encoder))
    )
    return path


def _page(report: ReportData, book: ChartBook, encoder: Encoder) -> str:
    sections = [
        headline_section(report),
        published_section(report),
        grid_section(report, encoder),
        random_section(report, encoder),
        strips_section(report, encoder),
        extremes_section(report, encoder),
        neighbours_section(report, encoder),
        classes_section(report),
        confusion_section(report, book.confusion),
        losses_section(report, book.charts),
        sigma_section(report, book.charts),
        progress_section(report, book.charts),
        rates_section(report, book.charts),
        flags_section(report),
    ]
    return page(
        f"Evaluation of {report.name}",
        _subtitle(report),
        [section for section in sections if section],
        _footer(report, encoder),
    )


def _subtitle(report: ReportData) -> str:
    parts = [report.dataset]
    if report.class_names:
        parts.append(counted(len(report.class_names), "class"))
    side = _side(report)
    if side:
        parts.append(f"{side} px")
    if "step" in report.protocol:
        parts.append(f"step {report.protocol['step']:,}")
    if "weights" in report.protocol:
        parts.append(f"{report.protocol['weights']} weights")
    return ", ".join(filter(None, parts))


def _side(report: ReportData) -> int:
    """Side of the pictures, in pixels; 0 where there are none."""
    for name in ("grid", "random", "sources"):
        if report.pictures.get(name) is not None:
            return report.pictures[name].shape[-2]
    return 0


def _footer(report: ReportData, encoder: Encoder) -> str:
    message = (
        "Written by python -m deepi2i_tf.evaluate. Charts are also in plots/."
    )
    side = _side(report)
    if side > encoder.side:
        message += (
            f" Pictures of {side} px are shrunk to {encoder.side} px here, to "
            "keep this file small; pictures.npz has them whole."
        )
    return message
