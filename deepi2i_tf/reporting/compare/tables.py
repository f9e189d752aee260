"""What two runs do not have in common, and their metrics side by side."""

from collections.abc import Sequence

from deepi2i_tf.metrics import names
from deepi2i_tf.reporting.compare.runs import ComparedRun
from deepi2i_tf.reporting.html.elements import (
    Cell,
    Section,
    breakable,
    joined,
    note,
    paragraph,
    table,
)
from deepi2i_tf.reporting.metric_labels import (
    HEADLINES,
    HIGHER,
    POSES,
    R2,
    REAL,
    Metric,
)
from deepi2i_tf.reporting.published import INCEPTION
from deepi2i_tf.reporting.sections.scores import flat
from deepi2i_tf.reporting.text import NOTHING, fraction, plain

# Where a run lies says nothing about what it is.
_PLACES = frozenset({"run_dir", "runs_dir", "name", "data_dir", "model"})


def differences_section(runs: Sequence[ComparedRun]) -> Section:
    """Everything that the runs do not agree on, in one table."""
    message = [_facts(run) for run in runs]
    keys = list(dict.fromkeys(key for facts in message for key in facts))
    rows = []
    for key in keys:
        values = [facts.get(key, NOTHING) for facts in message]
        if len(set(values)) > 1:
            rows.append([breakable(key), *map(breakable, values)])
    title, anchor = "What differs", "differences"
    if not rows:
        return Section(
            anchor,
            title,
            paragraph(
                "Nothing that the reports know of: same data set, same "
                "protocol, same configuration."
            ),
        )
    body = [
        paragraph(
            "Data set, protocol and configuration, where they are not the "
            "same. Numbers compare as far as these lines do not speak "
            "against it."
        ),
        table(["", *(run.title for run in runs)], rows, title, "differences"),
    ]
    return Section(anchor, title, joined(body))


def metrics_section(runs: Sequence[ComparedRun]) -> Section:
    """The metrics, a row each and a column for each run."""
    same_classes = _same_classes(runs)
    same_features = same_classes and _same_instruments(runs)
    rows = []
    for metric, features in _metrics(runs):
        values = [_value(run, metric, features) for run in runs]
        comparable = same_features if metric.by_features else same_classes
        best = _best(values, metric) if comparable else set()
        unit = f" {metric.unit}" if metric.unit else ""
        cells = [
            Cell(metric.form(v), v, "best" if place in best else "")
            for place, v in enumerate(values)
        ]
        rows.append([metric.name(features) + unit, *cells])
    body = [
        paragraph("A star marks the best of a row."),
        table(
            ["metric", *(run.title for run in runs)], rows, "Metrics", "numbers"
        ),
    ]
    if not same_classes:
        body.append(
            note(
                "The runs are on different data sets or classes, so none is "
                "called the best."
            )
        )
    elif not same_features:
        body.append(
            note(
                "The runs were measured by different feature networks, so "
                "none has the best mFID or mKID."
            )
        )
    return Section("metrics", "Metrics", joined(body))


def _facts(run: ComparedRun) -> dict[str, str]:
    """What a run is, as texts by name."""
    report = run.report
    classes = report.class_names
    facts = {
        "data set": plain(report.dataset),
        "classes": plain(len(classes)),
        "names of the classes": ", ".join(classes[:4])
        + " ..." * (len(classes) > 4),
        "features": report.features,
    }
    if len(classes) > 4:
        facts["classes"] += f", the last {classes[-1]}"
    for title, values in (
        ("protocol", report.protocol),
        ("configuration", report.config),
    ):
        for key, value in flat(values).items():
            if key.rpartition("/")[2] not in _PLACES:
                facts[f"{title}: {key.replace('_', ' ')}"] = plain(value)
    return facts


def _metrics(runs: Sequence[ComparedRun]) -> list[tuple[Metric, str]]:
    """Metrics that a run has, each with its feature network."""
    networks = list(dict.fromkeys(run.report.features for run in runs))
    planned = []
    for metric in (*HEADLINES, REAL, *_poses(runs)):
        for features in networks if metric.by_features else networks[:1]:
            planned.append((metric, features))
    return [
        (metric, features)
        for metric, features in planned
        if any(_value(run, metric, features) is not None for run in runs)
    ]


def _poses(runs: Sequence[ComparedRun]) -> list[Metric]:
    found = [run.report.metrics.get(names.POSE_R2) or {} for run in runs]
    return [
        Metric(
            f"{names.POSE_R2}/{component}",
            f"pose, {R2} of {component}",
            fraction,
            POSES[names.POSE_R2],
            better=HIGHER,
        )
        for component in dict.fromkeys(c for row in found for c in row)
    ]


def _value(run: ComparedRun, metric: Metric, features: str) -> float | None:
    if metric.by_features and run.report.features != features:
        return None
    return metric.value(run.report.metrics)


def _best(values: Sequence[float | None], metric: Metric) -> set[int]:
    """Places of the best value; none where there is nothing to choose."""
    known = {value for value in values if value is not None}
    if not metric.better or len(known) < 2:
        return set()
    best = max(known) if metric.better == HIGHER else min(known)
    return {place for place, value in enumerate(values) if value == best}


def _same_classes(runs: Sequence[ComparedRun]) -> bool:
    kinds = {(run.report.dataset, run.report.class_names) for run in runs}
    return len(kinds) == 1


def _same_instruments(runs: Sequence[ComparedRun]) -> bool:
    """Whether the same network made the features of all runs.

    Features that are not Inception's are those of the judge.
    """

    def message(run: ComparedRun) -> dict[str, str]:
        network = run.report.features
        own = "features" if network == INCEPTION else ("features", "judge")
        facts = flat(run.report.protocol).items()
        return {k: plain(v) for k, v in facts if k.startswith(own)} | {
            "": network
        }

    return all(message(run) == message(runs[0]) for run in runs)
