"""The section of headline numbers, with their protocol beside them."""

from collections.abc import Mapping
from typing import Any

from deepi2i_tf.metrics import names
from deepi2i_tf.reporting.html.elements import (
    Markup,
    Section,
    definitions,
    details,
    element,
    heading,
    joined,
    paragraph,
    table,
)
from deepi2i_tf.reporting.metric_labels import (
    HEADLINES,
    POSES,
    R2,
    RC,
    REAL,
    Metric,
)
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.reporting.text import fraction, is_number, percent, plain


def headline_section(report: ReportData) -> Section:
    """The numbers, and beside them how they came about."""
    numbers = joined(
        [
            element("div", joined(_cards(report)), class_="cards"),
            _poses(report.metrics),
            _others(report.metrics),
            details("What these numbers mean", _meanings(report)),
        ]
    )
    sides = [element("div", numbers)]
    if report.protocol:
        sides.append(element("div", _protocol(report), class_="protocol"))
    body = element("div", joined(sides), class_="beside")
    return Section("numbers", "Numbers", body)


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values by names with slashes.

    Args:
        values: plain values, or mappings of them.
        prefix: put before every name.
    """
    found = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}/")
        else:
            found[f"{prefix}{name}"] = value
    return found


def _shown(report: ReportData) -> list[Metric]:
    return [m for m in HEADLINES if m.value(report.metrics) is not None]


def _cards(report: ReportData) -> list[Markup]:
    cards = []
    for metric in _shown(report):
        number = metric.form(metric.value(report.metrics))
        lines = [
            element("div", metric.name(report.features), class_="name"),
            element("div", f"{number} {metric.unit}".strip(), class_="value"),
            element("div", _beside(metric, report), class_="beside-it"),
        ]
        cards.append(element("div", joined(lines), class_="card"))
    return cards


def _beside(metric: Metric, report: ReportData) -> str:
    """What a number is to be held against."""
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


def _meanings(report: ReportData) -> Markup:
    return definitions(
        {
            metric.name(report.features): _sentence(metric)
            for metric in [*_shown(report), REAL]
            if metric.value(report.metrics) is not None
        }
    )


def _sentence(metric: Metric) -> str:
    sentence = metric.meaning[0].upper() + metric.meaning[1:]
    if metric.better:
        sentence += f" {metric.better.capitalize()} is better."
    return sentence


def _poses(metrics: Mapping[str, Any]) -> Markup:
    """R^2 by component, a row for each kind that was measured."""
    found = {key: metrics[key] for key in POSES if metrics.get(key)}
    if not found:
        return Markup("")
    components = list(
        dict.fromkeys(name for row in found.values() for name in row)
    )
    rows = [
        [POSES[key], *(fraction(row.get(name)) for name in components)]
        for key, row in found.items()
    ]
    return joined(
        [
            heading(f"Pose: {R2} by component"),
            paragraph(
                "How well the pose is read off an image by a regressor that "
                "was trained on real ones. 1 is perfect, 0 no better than "
                "always answering the mean; the row of real images is what "
                "the regressor itself can do."
            ),
            table([f"{R2} of", *components], rows, "Pose", "numbers"),
        ]
    )


def _others(metrics: Mapping[str, Any]) -> Markup:
    """Numbers that this page has no place of its own for."""
    own = {metric.key.split("/")[0] for metric in (*HEADLINES, REAL)}
    own |= {names.FEATURES, names.PER_CLASS, names.PROTOCOL, *POSES}
    if is_number(metrics.get(names.DIVERSITY)):
        own -= {names.DIVERSITY}
    others = flat({k: v for k, v in metrics.items() if k not in own})
    others = {k: v for k, v in others.items() if is_number(v)}
    if not others:
        return Markup("")
    rows = [[name.replace("_", " "), plain(v)] for name, v in others.items()]
    return joined(
        [
            heading("More numbers"),
            table(["metric", "value"], rows, "More numbers", "numbers"),
        ]
    )


def _protocol(report: ReportData) -> Markup:
    plain_values, nested = {}, []
    for key, value in report.protocol.items():
        name = key.replace("_", " ")
        if isinstance(value, Mapping):
            pairs = {
                inner.replace("_", " "): plain(v)
                for inner, v in flat(value).items()
            }
            nested.append(details(name, definitions(pairs)))
        else:
            plain_values[name] = plain(value)
    return joined(
        [
            heading("Protocol: how they came about"),
            definitions(plain_values),
            *nested,
        ]
    )
