"""`comparison.html`: several evaluated runs side by side in one file."""

import os
from collections.abc import Sequence

from deepi2i_tf.reporting.compare.curves import largest_sigmas, overlaid
from deepi2i_tf.reporting.compare.pictures import grid_section
from deepi2i_tf.reporting.compare.runs import ComparedRun, read_runs
from deepi2i_tf.reporting.compare.tables import (
    differences_section,
    metrics_section,
)
from deepi2i_tf.reporting.html.elements import Section, joined, paragraph
from deepi2i_tf.reporting.html.images import Encoder, small_enough
from deepi2i_tf.reporting.html.page import page
from deepi2i_tf.reporting.plots.charts import Chart
from deepi2i_tf.reporting.plots.curves import evaluation_charts, loss_charts
from deepi2i_tf.reporting.sections.charts import ChartBook
from deepi2i_tf.reporting.text import counted
from deepi2i_tf.utils.atomic_files import atomic_write

HTML_FILE = "comparison.html"


def write_comparison(runs: Sequence[str], output: str) -> str:
    """Writes `comparison.html` and `plots/*.png` into a folder.

    Args:
        runs: run directories that were evaluated, or folders of reports; two
            to six. They may be of different data sets or protocols: the page
            opens with a table of what differs.
        output: the folder; made where missing.

    Returns:
        Path of the page.

    Raises:
        UserError: too few or too many runs, one twice, or one without a report.
    """
    compared = read_runs(runs)
    book = ChartBook(output)
    path = os.path.join(output, HTML_FILE)
    atomic_write(path, small_enough(lambda e: _page(compared, book, e)))
    return path


def _page(
    runs: Sequence[ComparedRun], book: ChartBook, encoder: Encoder
) -> str:
    sections = [
        differences_section(runs),
        metrics_section(runs),
        grid_section(runs, encoder),
        _curves(runs, book),
    ]
    return page(
        f"Comparison of {counted(len(runs), 'run')}",
        ", ".join(run.title for run in runs),
        [section for section in sections if section],
        "Written by python -m deepi2i_tf.evaluate --compare. Charts are also "
        "in plots/.",
    )


def _curves(runs: Sequence[ComparedRun], book: ChartBook) -> Section | None:
    """Curves of the runs laid over one another, each in its own colour."""
    logs = {run.letter: run.report.log for run in runs}
    charts: list[Chart] = []
    for plan in (loss_charts, evaluation_charts, largest_sigmas):
        charts += overlaid(logs, plan)
    if not charts:
        return None
    body = [
        paragraph(
            "Losses compare only between runs of the same losses and "
            "weights; metrics over steps always. The largest sigma of each "
            "network is its collapse monitor: a jump goes with a collapse."
        ),
        book.charts(charts),
    ]
    return Section("curves", "Curves", joined(body))
