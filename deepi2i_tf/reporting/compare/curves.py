"""Curves of several runs, laid over one another."""

from collections.abc import Callable, Mapping

import numpy as np

from deepi2i_tf.reporting.plots.charts import Chart, Line
from deepi2i_tf.reporting.plots.curves import SIGMA, Log, below, slug_of
from deepi2i_tf.reporting.report_files import Curve


def overlaid(
    logs: Mapping[str, Log], plan: Callable[[Log], list[Chart]]
) -> list[Chart]:
    """A chart for each number, with a line for each run that has it.

    Args:
        logs: the curves of each run, by its letter.
        plan: which charts one run becomes; each of their lines becomes a
            chart here.

    Returns:
        Charts whose lines are named after the runs. A run without a number
        keeps its place, so that its colour is the same in every chart.
    """
    charts: dict[str, Chart] = {}
    lines: dict[str, dict[str, Line]] = {}
    for run, log in logs.items():
        for chart in plan(log):
            for line in chart.lines:
                slug = slug_of(f"{chart.slug}_{line.name}")
                charts.setdefault(slug, Chart(slug, _title(chart, line), ()))
                lines.setdefault(slug, {})[run] = Line(
                    run, line.steps, line.values, line.smooth
                )
    nothing = np.zeros(0)
    return [
        Chart(
            slug,
            chart.title,
            [lines[slug].get(r, Line(r, nothing, nothing)) for r in logs],
        )
        for slug, chart in charts.items()
    ]


def largest_sigmas(log: Log) -> list[Chart]:
    """A chart for each network with the largest of its sigmas.

    Args:
        log: the curves of a run.
    """
    networks: dict[str, list[Curve]] = {}
    for path, curve in below(log, SIGMA).items():
        networks.setdefault(path.partition("/")[0], []).append(curve)
    charts = []
    for network, curves in networks.items():
        steps = np.unique(np.concatenate([curve.steps for curve in curves]))
        largest = np.full(len(steps), -np.inf)
        for curve in curves:
            at = np.searchsorted(steps, curve.steps)
            largest[at] = np.maximum(largest[at], curve.values)
        title = f"Largest sigma, {network}"
        line = Line("largest", steps, largest)
        charts.append(Chart(slug_of(f"sigma_{network}"), title, [line]))
    return charts


def _title(chart: Chart, line: Line) -> str:
    if len(chart.lines) == 1:
        return chart.title
    return f"{chart.subject}: {line.name}" if chart.subject else line.name
