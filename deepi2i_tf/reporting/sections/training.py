"""The sections about training: curves, sigmas, rates, metrics, flagfile."""

from collections.abc import Callable, Sequence

from deepi2i_tf.reporting.html.elements import (
    Cell,
    Markup,
    Section,
    breakable,
    details,
    element,
    heading,
    joined,
    note,
    paragraph,
    table,
)
from deepi2i_tf.reporting.plots.charts import Chart
from deepi2i_tf.reporting.plots.curves import (
    SIGMA,
    SIGMA_ENDING,
    below,
    evaluation_charts,
    growth,
    loss_charts,
    rate_charts,
    sigma_charts,
)
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.reporting.text import counted, distance

Draw = Callable[[Sequence[Chart]], Markup]
MOST_SIGMAS = 10


def losses_section(report: ReportData, draw: Draw) -> Section | None:
    """Losses and scores by term.

    Args:
        report: its `log`.
        draw: makes pictures of charts.
    """
    return _curves(
        "losses",
        "Losses",
        "Bold lines are running means over a fortieth of the run, the faint "
        "ones behind them what was logged. A value far outside of the rest "
        "may lie beyond the frame.",
        loss_charts(report.log),
        draw,
        _dropped(report),
    )


def sigma_section(report: ReportData, draw: Draw) -> Section | None:
    """The sigmas of the spectral norms: the collapse monitor.

    Args:
        report: its `log`.
        draw: makes pictures of charts.
    """
    return _curves(
        "sigma",
        "Sigma of the spectral norms",
        "Sigma is the largest singular value of a layer's kernel, by which "
        "the kernel is divided. In a healthy run it moves slowly. A sudden "
        "jump, often in the first layers of the generator, goes with a "
        "collapse (arXiv 1809.11096, section 4).",
        sigma_charts(report.log),
        draw,
        heading("What grew most"),
        _sigma_table(report),
    )


def progress_section(report: ReportData, draw: Draw) -> Section | None:
    """Metrics over steps, where training measured them.

    Args:
        report: its `log`.
        draw: makes pictures of charts.
    """
    return _curves(
        "progress",
        "Metrics over steps",
        "What the evaluations during training measured. The best step need "
        "not be the last one.",
        evaluation_charts(report.log),
        draw,
    )


def rates_section(report: ReportData, draw: Draw) -> Section | None:
    """Learning rates and speed.

    Args:
        report: its `log`.
        draw: makes pictures of charts.
    """
    return _curves(
        "rates",
        "Learning rates and speed",
        "How large the steps of each network were, and how fast they came; a "
        "pace that drops is a machine that was shared.",
        rate_charts(report.log),
        draw,
    )


def flags_section(report: ReportData) -> Section | None:
    """The flagfile that starts the same run again."""
    if not report.flagfile.strip():
        return None
    body = [
        paragraph(
            "Everything that was chosen. Saved as a file, it starts the same "
            "run again: python -m deepi2i_tf.train --flagfile=FILE."
        ),
        details("Show the flagfile", element("pre", report.flagfile.strip())),
    ]
    return Section("flags", "Flagfile", joined(body))


def _curves(
    anchor: str,
    title: str,
    reading: str,
    charts: Sequence[Chart],
    draw: Draw,
    *below_them: Markup,
) -> Section | None:
    """A section of charts; None where there is none to draw."""
    if not charts:
        return None
    body = [paragraph(reading), draw(charts), *below_them]
    return Section(anchor, title, joined(body))


def _sigma_table(report: ReportData) -> Markup:
    curves = below(report.log, SIGMA)
    order = sorted(curves, key=lambda path: -growth(curves[path]))
    rows = []
    for path in order[:MOST_SIGMAS]:
        values = curves[path].values
        ends = (values[0], values[-1], values.max(), growth(curves[path]))
        cells = [Cell(distance(n), n) for n in map(float, ends)]
        rows.append([breakable(path.removesuffix(SIGMA_ENDING)), *cells])
    heads = ["layer", "first", "last", "largest", "largest over first"]
    return table(heads, rows, "Sigmas that grew most", "numbers sortable")


def _dropped(report: ReportData) -> Markup:
    """Says where the log holds what is no number."""
    broken = {n: c.dropped for n, c in report.log.items() if c.dropped}
    if not broken:
        return Markup("")
    message = ", ".join(
        f"{name} ({counted(count, 'row')})"
        for name, count in list(broken.items())[:5]
    )
    more = len(broken) - 5
    message += f" and {counted(more, 'name')} more" if more > 0 else ""
    return note(f"NaN or infinity was logged, and is not drawn: {message}.")
