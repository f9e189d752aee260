"""Data of the sections of numbers: headlines, protocol, published rows."""

from collections.abc import Mapping
from typing import Any

from deepi2i_tf.metrics import names
from deepi2i_tf.reporting.html.page import Cell, Table
from deepi2i_tf.reporting.metric_labels import (
    FC,
    HEADLINES,
    MFID,
    MKID,
    POSES,
    RC,
    REAL,
    TRUTH_DISTANCES,
    TRUTHS,
    Metric,
)
from deepi2i_tf.reporting.published import PUBLISHED
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.reporting.text import (
    NOTHING,
    decimals,
    is_number,
    percent,
    plain,
)


def numbers(report: ReportData) -> dict[str, Any]:
    """Headline numbers, and beside them how they were measured."""
    shown = [m for m in HEADLINES if m.value(report.metrics) is not None]
    others = (REAL, *TRUTHS)
    beside = [m for m in others if m.value(report.metrics) is not None]
    protocol, nested = {}, {}
    for key, value in report.protocol.items():
        name = key.replace("_", " ")
        if isinstance(value, Mapping):
            nested[name] = {
                inner.replace("_", " "): plain(v)
                for inner, v in flat(value).items()
            }
        else:
            protocol[name] = plain(value)
    return {
        "cards": [_card(metric, report) for metric in shown],
        "poses": _poses(report.metrics),
        "truth": _truth(report),
        "others": _others(report.metrics),
        "meanings": {
            metric.name(report.features): _sentence(metric)
            for metric in [*shown, *beside]
        },
        "protocol": protocol,
        "nested": nested,
    }


def published(report: ReportData) -> dict[str, Any]:
    """This run below the published rows of its data set, if there are any."""
    found = PUBLISHED.get(report.dataset)
    if found is None:
        return {"dataset": report.dataset, "known": list(PUBLISHED)}
    own = {m: m.form(m.value(report.metrics)) for m in (RC, FC, MKID, MFID)}
    distances = (MKID, MFID)
    # Distances of other features never enter the columns of Inception's.
    measured = any(m.value(report.metrics) is not None for m in distances)
    added = distances if report.features != names.INCEPTION and measured else ()
    last = [f"this run: {report.name}", own[RC], own[FC]]
    last += [NOTHING if added else own[m] for m in distances]
    last += [own[metric] for metric in added]
    rows = [
        [row.method, row.rc, row.fc, row.mkid_x100, row.mfid]
        + [NOTHING] * len(added)
        for row in found.rows
    ]
    head = ["method", "RC %", "FC %"]
    head += [metric.name(names.INCEPTION) for metric in distances]
    head += [metric.name(report.features) for metric in added]
    rows.append([Cell(text, mark="own") for text in last])
    return {
        "title": found.title,
        "source": found.source,
        "table": Table("Published rows and this run", head, rows),
        "features": report.features if added else "",
        "inception": names.INCEPTION,
    }


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values by names with slashes."""
    found = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}/")
        else:
            found[f"{prefix}{name}"] = value
    return found


def _card(metric: Metric, report: ReportData) -> dict[str, str]:
    number = metric.form(metric.value(report.metrics))
    return {
        "name": metric.name(report.features),
        "value": f"{number} {metric.unit}".strip(),
        "beside": _beside(metric, report),
    }


def _beside(metric: Metric, report: ReportData) -> str:
    """What a number is to be compared with."""
    metrics, classes = report.metrics, len(report.class_names)
    parts = []
    if metric is RC and REAL.value(metrics) is not None:
        parts.append(f"real images {percent(REAL.value(metrics))} %")
    if metric is RC and classes:
        parts.append(f"chance {percent(1 / classes)} %")
    if metric.key.startswith(names.DIVERSITY):
        parts += [
            f"{name} {plain(value)}"
            for name, value in metrics[names.DIVERSITY].items()
            if is_number(value) and metric.key != f"{names.DIVERSITY}/{name}"
        ]
    if not parts and metric.better:
        parts.append(f"{metric.better} is better")
    return ", ".join(parts)


def _sentence(metric: Metric) -> str:
    sentence = metric.meaning[0].upper() + metric.meaning[1:]
    if metric.better:
        sentence += f" {metric.better.capitalize()} is better."
    return sentence


def _poses(metrics: Mapping[str, Any]) -> Table | None:
    """R^2 and slope by component, a row for each that was measured."""
    found = {key: metrics[key] for key in POSES if metrics.get(key)}
    components = list(
        dict.fromkeys(name for row in found.values() for name in row)
    )
    rows = [
        [POSES[key], *(decimals(row.get(name)) for name in components)]
        for key, row in found.items()
    ]
    return Table("Pose", ["", *components], rows) if rows else None


def _truth(report: ReportData) -> Table | None:
    """Kept and gained, a row for each distance from the truth."""
    found = report.metrics.get(names.TRUTH) or {}
    numbers = (names.KEPT, names.GAINED)
    rows = [
        [
            f"{what} ({report.features})" if at == names.FEATURES else what,
            *(decimals(found[at].get(number)) for number in numbers),
        ]
        for at, what in TRUTH_DISTANCES.items()
        if at in found
    ]
    return Table("Truth", ["by", *numbers], rows) if rows else None


def _others(metrics: Mapping[str, Any]) -> Table | None:
    """Numbers that the page has no other place for."""
    own = {metric.key.split("/")[0] for metric in (*HEADLINES, REAL)}
    own |= {names.FEATURES, names.PER_CLASS, names.PROTOCOL, names.TRUTH}
    own |= set(POSES)
    if is_number(metrics.get(names.DIVERSITY)):
        own -= {names.DIVERSITY}
    others = flat({k: v for k, v in metrics.items() if k not in own})
    rows = [
        [name.replace("_", " "), plain(value)]
        for name, value in others.items()
        if is_number(value)
    ]
    return Table("More numbers", ["metric", "value"], rows) if rows else None
