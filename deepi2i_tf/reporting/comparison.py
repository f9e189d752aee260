"""`comparison.html`: several evaluated runs side by side in one file."""

import dataclasses
import os
import string
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deepi2i_tf.metrics import names
from deepi2i_tf.reporting.html.images import Encoder, PictureRow, small_enough
from deepi2i_tf.reporting.html.page import Cell, Table, render
from deepi2i_tf.reporting.metric_labels import (
    HEADLINES,
    HIGHER,
    POSES,
    R2,
    REAL,
    TRUTHS,
    Metric,
)
from deepi2i_tf.reporting.plots.charts import publish_charts
from deepi2i_tf.reporting.plots.curves import (
    evaluation_charts,
    largest_sigmas,
    loss_charts,
    overlaid,
)
from deepi2i_tf.reporting.report_data import ReportData, read_report
from deepi2i_tf.reporting.sections.gallery import left_out, source_head
from deepi2i_tf.reporting.sections.scores import flat
from deepi2i_tf.reporting.text import NOTHING, counted, decimals, plain
from deepi2i_tf.runs import layout
from deepi2i_tf.utils.atomic_files import atomic_write, explain_disk_errors
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.spacing import evenly_spaced

TEMPLATE = "comparison.html.jinja"
# As many as there are colours of lines to tell apart.
MOST_RUNS = 6
MOST_TARGETS = 12
MOST_SOURCES = 10
# Options that say where a run lies, not what it is.
_PATHS = {
    "protocol": frozenset({"run_dir", "model"}),
    "configuration": frozenset({"run_dir", "runs_dir", "name", "data_dir"}),
}


@dataclasses.dataclass(frozen=True)
class ComparedRun:
    """One run of a comparison; charts and tables call it by its letter."""

    letter: str
    report: ReportData

    @property
    def title(self) -> str:
        """Letter and name."""
        return f"{self.letter}: {self.report.name}"


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
    kept, remedy = "The reports are as they were.", "choose another --output"
    with explain_disk_errors(output, kept, remedy):
        return _write(compared, output)


def _write(compared: list[ComparedRun], output: str) -> str:
    drawn = {
        "differences": differences(compared),
        "metrics": metrics(compared),
        "curves": _curves(compared, output),
    }

    def page(encoder: Encoder) -> str:
        return render(
            TEMPLATE,
            drawn | {"grid": grid(compared, encoder)},
            title=f"Comparison of {counted(len(compared), 'run')}",
            subtitle=", ".join(run.title for run in compared),
        )

    path = os.path.join(output, layout.COMPARISON_FILE)
    atomic_write(path, small_enough(page))
    return path


def read_runs(runs: Sequence[str]) -> list[ComparedRun]:
    """Reads runs that were evaluated, from run directories or reports."""
    if not 2 <= len(runs) <= MOST_RUNS:
        raise UserError(
            f"Expected two to {MOST_RUNS} runs to compare. Received: "
            f"{len(runs)} ({', '.join(runs)}). Name them with commas between."
        )
    folders = [os.path.realpath(_report_folder(run)) for run in runs]
    for index, folder in enumerate(folders):
        if folder in folders[:index]:
            raise UserError(
                f"Expected different runs to compare. Received: {runs[index]} "
                "twice. Name each once."
            )
    return [
        ComparedRun(letter, read_report(folder, _run_dir(folder)))
        for letter, folder in zip(string.ascii_uppercase, folders, strict=False)
    ]


def _report_folder(run: str) -> str:
    """Where the `metrics.json` of a run lies."""
    for folder in (run, os.path.join(run, layout.REPORT_FOLDER)):
        if os.path.exists(os.path.join(folder, layout.METRICS_FILE)):
            return folder
    raise UserError(
        f"Expected {run} to be a report or a run with one "
        f"({layout.METRICS_FILE}). Received: a path without it. Evaluate it "
        f"first: python -m deepi2i_tf.evaluate --run_dir={run}."
    )


def _run_dir(folder: str) -> str:
    """The run that a report lies in; empty where it lies elsewhere."""
    parent = os.path.dirname(folder)
    there = os.path.exists(os.path.join(parent, layout.CONFIG_FILE))
    return parent if there else ""


def differences(runs: Sequence[ComparedRun]) -> dict[str, Any]:
    """Data set, protocol and configuration where the runs disagree."""
    facts = [_facts(run.report) for run in runs]
    rows = []
    for key in dict.fromkeys(key for known in facts for key in known):
        values = [known.get(key, NOTHING) for known in facts]
        if len(set(values)) > 1:
            rows.append([key, *values])
    head = ["", *(run.title for run in runs)]
    table = Table("What differs", head, rows, "differences")
    return {"table": table if rows else None}


def _facts(report: ReportData) -> dict[str, str]:
    """What a run is, as texts by name."""
    classes = report.class_names
    more = len(classes) > 4
    facts = {
        "model": report.model or NOTHING,
        "data set": plain(report.dataset),
        "classes": plain(len(classes)),
        "names of the classes": ", ".join(classes[:4]) + " ..." * more,
        "features": report.features,
    }
    if more:
        facts["classes"] += f", the last {classes[-1]}"
    options = {"protocol": report.protocol, "configuration": report.config}
    for title, values in options.items():
        for key, value in flat(values).items():
            if key.rpartition("/")[2] not in _PATHS[title]:
                facts[f"{title}: {key.replace('_', ' ')}"] = plain(value)
    return facts


def metrics(runs: Sequence[ComparedRun]) -> dict[str, Any]:
    """The metrics, a row each and a column for each run."""
    kinds = {(run.report.dataset, run.report.class_names) for run in runs}
    same_classes = len(kinds) == 1
    networks = [_feature_network(run.report) for run in runs]
    same_features = same_classes and all(n == networks[0] for n in networks)
    rows = []
    for metric, features in _metrics(runs):
        values = [_value(run, metric, features) for run in runs]
        comparable = same_features if metric.by_features else same_classes
        best = _best(values, metric) if comparable else None
        cells = [
            Cell(metric.form(v), v, "best" if v == best is not None else "")
            for v in values
        ]
        rows.append([f"{metric.name(features)} {metric.unit}".strip(), *cells])
    head = ["metric", *(run.title for run in runs)]
    return {
        "table": Table("Metrics", head, rows),
        "same_classes": same_classes,
        "same_features": same_features,
    }


def _metrics(runs: Sequence[ComparedRun]) -> list[tuple[Metric, str]]:
    """Metrics that a run has, each with its feature network."""
    networks = list(dict.fromkeys(run.report.features for run in runs))
    poses = [run.report.metrics.get(names.POSE_R2) or {} for run in runs]
    components = [
        Metric(
            f"{names.POSE_R2}/{component}",
            f"pose, {R2} of {component}",
            decimals,
            POSES[names.POSE_R2],
            better=HIGHER,
        )
        for component in dict.fromkeys(c for row in poses for c in row)
    ]
    return [
        (metric, features)
        for metric in (*HEADLINES, *TRUTHS, REAL, *components)
        for features in (networks if metric.by_features else networks[:1])
        if any(_value(run, metric, features) is not None for run in runs)
    ]


def _value(run: ComparedRun, metric: Metric, features: str) -> float | None:
    if metric.by_features and run.report.features != features:
        return None
    return metric.value(run.report.metrics)


def _best(values: Sequence[float | None], metric: Metric) -> float | None:
    """The best value; None where there is nothing to choose."""
    known = {value for value in values if value is not None}
    if not metric.better or len(known) < 2:
        return None
    return max(known) if metric.better == HIGHER else min(known)


def _feature_network(report: ReportData) -> Mapping[str, str]:
    """What made the features of mFID and mKID.

    Features that are not Inception's are those of the reference classifier.
    """
    inception = report.features == names.INCEPTION
    own = ("features",) if inception else ("features", "judge")
    facts = flat(report.protocol).items()
    known = {k: plain(v) for k, v in facts if k.startswith(own)}
    return known | {"": report.features}


def grid(
    runs: Sequence[ComparedRun], encoder: Encoder
) -> dict[str, Any] | None:
    """The same sources' translations by each run, row below row.

    A source is the same where its pixels are, a target where its name is.
    """
    needed = {"sources", "grid", "grid_targets"}
    if not all(needed <= run.report.pictures.keys() for run in runs):
        return None
    sources = _shared([_sources(run.report) for run in runs])
    targets = _shared([_targets(run.report) for run in runs])
    if not sources or not targets:
        return {"lacking": "source" if targets else "target class"}
    columns = evenly_spaced(len(sources), MOST_SOURCES)
    lines = evenly_spaced(len(targets), MOST_TARGETS)
    shown = _shown(runs)
    rows = []
    for name, rows_of_runs in (targets[line] for line in lines):
        for note, how, images, run in shown:
            row = images[rows_of_runs[run]]
            places = [(n + 1, sources[n][1][run]) for n in columns]
            cells = [
                encoder.picture(row[at], f"source {number} as {name} {how}")
                for number, at in places
            ]
            heading = name if note == shown[0][0] else ""
            rows.append(PictureRow(heading, cells, note))
    return {
        "sources": [
            source_head(runs[0].report, encoder, sources[column][1][0])
            for column in columns
        ],
        "rows": rows,
        "group": len(shown),
        "left_out": left_out(
            (len(columns), len(sources), "source"),
            (len(lines), len(targets), "target"),
        ),
    }


def _shown(
    runs: Sequence[ComparedRun],
) -> list[tuple[str, str, np.ndarray, int]]:
    """Letter, words, grid and run of each line of a target class.

    The right answers, where there are some, come last; they are of the sources
    and classes of the first run.
    """
    shown = [
        (run.letter, f"by {run.letter}", run.report.pictures["grid"], number)
        for number, run in enumerate(runs)
    ]
    truth = runs[0].report.pictures.get("truth")
    if truth is not None:
        shown.append(("truth", "as it should be", truth, 0))
    return shown


def _sources(report: ReportData) -> dict[object, int]:
    """Indices of the sources by their pixels."""
    images = report.pictures["sources"]
    return {(im.shape, im.tobytes()): n for n, im in enumerate(images)}


def _targets(report: ReportData) -> dict[object, int]:
    """Rows of the grid by the name of their class."""
    targets = report.pictures["grid_targets"]
    return {report.class_name(int(t)): n for n, t in enumerate(targets)}


def _shared(
    indices: Sequence[dict[object, int]],
) -> list[tuple[Any, tuple[int, ...]]]:
    """What all runs have, with its index in each of them."""
    return [
        (key, tuple(found[key] for found in indices))
        for key in indices[0]
        if all(key in found for found in indices)
    ]


def _curves(runs: Sequence[ComparedRun], output: str) -> dict | None:
    """Curves of the runs laid over one another, each in its own colour."""
    logs = {run.letter: run.report.log for run in runs}
    plans = (loss_charts, evaluation_charts, largest_sigmas)
    charts = [chart for plan in plans for chart in overlaid(logs, plan)]
    return {"charts": publish_charts(charts, output)} if charts else None
