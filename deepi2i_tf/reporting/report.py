"""`report.html`: an evaluation and its run in one file that opens offline."""

import os

from deepi2i_tf.reporting.html.images import Encoder, small_enough
from deepi2i_tf.reporting.html.page import render
from deepi2i_tf.reporting.report_data import ReportData, read_report
from deepi2i_tf.reporting.sections import classes, gallery, scores, training
from deepi2i_tf.reporting.text import counted
from deepi2i_tf.runs.layout import REPORT_FILE
from deepi2i_tf.utils.atomic_files import atomic_write

TEMPLATE = "report.html.jinja"


def write_html(output: str, run_dir: str = "") -> str:
    """Writes `report.html` and `plots/*.png` from the files of a report.

    The file stays under 15 MB, 555 classes or not: pictures are limited in
    number and, where that is not enough, shrunk; the page says so.

    Args:
        output: folder with `metrics.json` and what lies beside it.
        run_dir: the run directory, for its curves and flags; empty for none.

    Returns:
        Path of the page.

    Raises:
        UserError: `metrics.json` is missing, or a file cannot be read.
    """
    report = read_report(output, run_dir)
    drawn = {
        "numbers": scores.numbers(report),
        "published": scores.published(report),
        "classes": classes.classes(report),
        "confusion": classes.confusion(report, output),
        "flags": report.flagfile.strip(),
        **training.curves(report.log, output, report.rollbacks),
    }
    side = _side(report)

    def page(encoder: Encoder) -> str:
        return render(
            TEMPLATE,
            drawn | _pictures(report, encoder),
            title=f"Evaluation of {report.name}",
            subtitle=_subtitle(report, side),
            side=side,
            shrunk=encoder.side if side > encoder.side else None,
        )

    path = os.path.join(output, REPORT_FILE)
    atomic_write(path, small_enough(page))
    return path


def _pictures(report: ReportData, encoder: Encoder) -> dict[str, dict | None]:
    return {
        "grid": gallery.grid(report, encoder),
        "truth": gallery.truth(report, encoder),
        "poses": gallery.poses(report, encoder),
        "random": gallery.random(report, encoder),
        "strips": gallery.strips(report, encoder),
        "extremes": classes.extremes(report, encoder),
        "neighbours": gallery.neighbours(report, encoder),
    }


def _subtitle(report: ReportData, side: int) -> str:
    parts = [report.model, report.dataset]
    if report.class_names:
        parts.append(counted(len(report.class_names), "class"))
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
