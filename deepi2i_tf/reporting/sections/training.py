"""Data of the sections about training: curves and sigmas that grew."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deepi2i_tf.reporting.html.page import Cell, Table
from deepi2i_tf.reporting.plots.charts import publish_charts
from deepi2i_tf.reporting.plots.curves import (
    SIGMA_ENDING,
    Log,
    below,
    evaluation_charts,
    growth,
    loss_charts,
    measured_charts,
    monitor_charts,
    rate_charts,
    sigma_charts,
    with_states,
)
from deepi2i_tf.reporting.text import counted, distance
from deepi2i_tf.runs.layout import SIGMA, STATE, STATE_NAMES

MOST_SIGMAS = 10
MOST_DROPPED = 5
PLANS = {
    "losses": loss_charts,
    "monitor": monitor_charts,
    "sigma": sigma_charts,
    "progress": evaluation_charts,
    "measured": measured_charts,
    "rates": rate_charts,
}
UNDER_STATES = ("losses", "monitor", "progress")


def curves(
    log: Log, folder: str, rollbacks: Sequence[Mapping[str, Any]] = ()
) -> dict[str, dict[str, Any]]:
    """Losses, sigmas, metrics and rates over steps, where they were logged."""
    sections = {}
    for name, plan in PLANS.items():
        charts = plan(log)
        if name in UNDER_STATES:
            charts = with_states(charts, log)
        if charts:
            sections[name] = {"charts": publish_charts(charts, folder)}
    if "losses" in sections:
        sections["losses"]["dropped"] = _dropped(log)
        sections["losses"]["states"] = _states(log)
        sections["losses"]["rollbacks"] = rollbacks
    if "sigma" in sections:
        sections["sigma"]["table"] = _sigma_table(log)
    return sections


def _sigma_table(log: Log) -> Table:
    found = below(log, SIGMA)
    order = sorted(found, key=lambda path: -growth(found[path]))
    rows = []
    for path in order[:MOST_SIGMAS]:
        values = found[path].values
        ends = (values[0], values[-1], values.max(), growth(found[path]))
        cells = [Cell(distance(n), n) for n in map(float, ends)]
        rows.append([path.removesuffix(SIGMA_ENDING), *cells])
    head = ["layer", "first", "last", "largest", "largest over first"]
    return Table("Sigmas that grew most", head, rows, "numbers sortable")


def _states(log: Log) -> str:
    """In how many rows the monitor saw what; empty where all was healthy."""
    if STATE not in log:
        return ""
    values = log[STATE].values.astype(int)
    counts = [
        f"{name} in {counted(count, 'row')}"
        for index, name in enumerate(STATE_NAMES)
        if index and (count := int(np.count_nonzero(values == index)))
    ]
    return ", ".join(counts)


def _dropped(log: Log) -> str:
    """Which curves have rows that are NaN or infinite; empty for none."""
    broken = {name: c.dropped for name, c in log.items() if c.dropped}
    text = ", ".join(
        f"{name} ({counted(count, 'row')})"
        for name, count in list(broken.items())[:MOST_DROPPED]
    )
    more = len(broken) - MOST_DROPPED
    return f"{text} and {counted(more, 'name')} more" if more > 0 else text
