"""Everything a report shows, read from the files of an evaluation and a run.

A missing file is no error (a report without a run has no curves); a damaged
one is.
"""

import csv
import dataclasses
import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from deepi2i_tf.config import MODEL_TITLES, MODELS
from deepi2i_tf.metrics import names
from deepi2i_tf.reporting.published import PUBLISHED
from deepi2i_tf.runs import layout
from deepi2i_tf.utils.errors import UserError

UNKNOWN_FEATURES = "features not told"
# Arrays of pictures.npz and their numbers of dimensions.
PICTURES: Mapping[str, int] = {
    "sources": 4,
    "source_labels": 1,
    "grid": 5,
    "grid_targets": 1,
    "truth": 5,
    "truth_known": 2,
    "source_poses": 2,
    "grid_poses": 3,
    "random": 4,
    "random_targets": 1,
    "class_strips": 5,
    "class_strip_targets": 2,
    "z_strips": 5,
    "z_strip_targets": 1,
    "nearest_query": 4,
    "nearest_found": 5,
    "nearest_distance": 2,
    "confusion": 2,
}
# Reports of one run that differ in nothing else belong to one curve.
_OWN = {"step", "weights_sha256", "run_dir", "fc", "diversity"}


@dataclasses.dataclass(frozen=True)
class Curve:
    """One number of a run over its steps.

    Args:
        steps: int64, (n,), rising.
        values: float64, (n,), all finite.
        dropped: rows left out because they were NaN or infinite.
    """

    steps: np.ndarray
    values: np.ndarray
    dropped: int = 0


@dataclasses.dataclass(frozen=True)
class ReportData:
    """An evaluation, and what is known of the run behind it.

    Args:
        name: the run's folder, else the report's.
        metrics: `metrics.json`.
        rows: `per_class.csv`, a dictionary for each class.
        pictures: the arrays of `pictures.npz`.
        log: the curves of the run's `metrics.jsonl`, by name; below
            `MEASURED`, those of its reports, where there are several.
        config: the run's `config.json`.
        flagfile: the text of the run's flagfile.
        dataset: name of the data set; empty where no file has it.
        rollbacks: the run's, each `step`, `returned_to` and `reason`.
    """

    name: str
    metrics: Mapping[str, Any]
    rows: list[dict[str, str]]
    pictures: Mapping[str, np.ndarray]
    log: Mapping[str, Curve]
    config: Mapping[str, Any]
    flagfile: str
    dataset: str
    rollbacks: Sequence[Mapping[str, Any]] = ()

    @property
    def protocol(self) -> Mapping[str, Any]:
        """How the numbers were measured."""
        return self.metrics.get(names.PROTOCOL) or {}

    @property
    def model(self) -> str:
        """What the run's model is called; empty where no run is known."""
        if not self.config:
            return ""
        named = self.config.get("network", {}).get("model", MODELS[0])
        return MODEL_TITLES.get(named, (named,))[0]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes by label; empty where no file has them."""
        known = self.metrics.get(names.PER_CLASS)
        return tuple(known or [row.get("class", "") for row in self.rows])

    @property
    def features(self) -> str:
        """The feature network of mFID and mKID, e.g. `"domain"`."""
        return str(self.metrics.get(names.FEATURES) or UNKNOWN_FEATURES)

    def class_name(self, label: int) -> str:
        """Name of a class, or its number where no name is known."""
        known = self.class_names
        return known[label] if 0 <= label < len(known) else f"class {label}"


def read_report(output: str, run_dir: str = "") -> ReportData:
    """Reads a report's folder and, where named, the run directory behind it.

    Raises:
        UserError: `metrics.json` is missing, or a file cannot be read.
    """

    def of_run(read, file: str) -> Any:
        return read(os.path.join(run_dir, file)) if run_dir else None

    metrics = read_json(os.path.join(output, layout.METRICS_FILE))
    if not metrics:
        raise UserError(
            f"Expected {layout.METRICS_FILE} in {output}. Received: a folder "
            "without it. Evaluate first: python -m deepi2i_tf.evaluate."
        )
    config = of_run(read_json, layout.CONFIG_FILE) or {}
    facts = of_run(read_json, layout.DATA_FILE) or {}
    return ReportData(
        name=_name(output, run_dir),
        metrics=metrics,
        rows=read_rows(os.path.join(output, layout.PER_CLASS_FILE)),
        pictures=read_pictures(os.path.join(output, layout.PICTURES_FILE)),
        log=_curves(run_dir, metrics),
        rollbacks=_rollbacks(run_dir),
        config=config,
        flagfile=of_run(read_text, layout.FLAGS_FILE) or "",
        dataset=_dataset(config, facts, metrics.get(names.PROTOCOL) or {}),
    )


def _curves(run_dir: str, metrics: Mapping[str, Any]) -> dict[str, Curve]:
    """What training logged, and what several reports of the run measured."""
    if not run_dir:
        return {}
    log = read_log(os.path.join(run_dir, layout.METRICS_LOG))
    points: dict[str, list[tuple[int, float]]] = {}
    for step, found in sorted(_measured_steps(run_dir, metrics).items()):
        for name, value in names.flat_numbers(found).items():
            points.setdefault(f"{layout.MEASURED}{name}", []).append(
                (step, value)
            )
    several = {n: _curve(found) for n, found in points.items() if found[1:]}
    return log | several


def _measured_steps(
    run_dir: str, metrics: Mapping[str, Any]
) -> dict[int, dict[str, Any]]:
    """The numbers of a run's reports that were measured alike, by step."""

    def alike(of: Mapping[str, Any]) -> dict[str, Any]:
        protocol = of.get(names.PROTOCOL) or {}
        return {k: v for k, v in protocol.items() if k not in _OWN}

    found = {}
    for path in sorted(Path(run_dir).glob(f"*/{layout.METRICS_FILE}")):
        other = read_json(os.fspath(path))
        step = (other.get(names.PROTOCOL) or {}).get(layout.STEP)
        if isinstance(step, int) and alike(other) == alike(metrics):
            apart = (names.PROTOCOL, names.PER_CLASS)
            found[step] = {k: v for k, v in other.items() if k not in apart}
    return found


def _rollbacks(run_dir: str) -> list[dict[str, Any]]:
    """What the newest checkpoint of a run knows of rollbacks."""
    folder = os.path.join(run_dir, layout.CHECKPOINTS_FOLDER)
    if not run_dir or not os.path.isdir(folder):
        return []
    steps = filter(None, map(layout.checkpoint_step, os.listdir(folder)))
    newest = layout.checkpoint_name(max(steps, default=0))
    stored = read_json(os.path.join(folder, newest, layout.CHECKPOINT_FILE))
    return (stored.get(layout.ROLLBACKS) or {}).get("decisions", [])


def _name(output: str, run_dir: str) -> str:
    folder, name = os.path.split(os.path.abspath(run_dir or output))
    # Where evaluate puts a report, the folder above is its run.
    return os.path.basename(folder) if name == layout.REPORT_FOLDER else name


def _dataset(
    config: Mapping[str, Any],
    facts: Mapping[str, Any],
    protocol: Mapping[str, Any],
) -> str:
    """The data set by configuration, else by data.json, else by its path.

    A configuration may leave it open ("the only one in data_dir").
    """
    known = (config.get("data") or {}).get("dataset") or facts.get("dataset")
    if known:
        return str(known)
    folders = str(protocol.get("data", "")).split(os.sep)
    return next((name for name in PUBLISHED if name in folders), "")


def read_text(path: str) -> str:
    """The text of a file; empty where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, "a text in UTF-8", error) from error


def read_json(path: str) -> dict[str, Any]:
    """The object of a JSON file; empty where there is none."""
    text = read_text(path)
    if not text:
        return {}
    try:
        values = json.loads(text)
    except ValueError as error:
        raise _unreadable(path, "a JSON object", error) from error
    if not isinstance(values, dict):
        error = TypeError(f"a {type(values).__name__}")
        raise _unreadable(path, "a JSON object", error)
    return values


def read_rows(path: str) -> list[dict[str, str]]:
    """The lines of a CSV file by its header; none where there is no file."""
    rows = csv.DictReader(io.StringIO(read_text(path)), restval="")
    return [{k: v for k, v in row.items() if k is not None} for row in rows]


def read_pictures(path: str) -> dict[str, np.ndarray]:
    """The arrays of a `pictures.npz` that are in `PICTURES`.

    Raises:
        UserError: the file is damaged, or an array has other dimensions than
            `PICTURES` says.
    """
    try:
        # Opened here: numpy leaves a damaged archive open.
        with open(path, "rb") as file:
            archive = np.load(file, allow_pickle=False)
            pictures = {k: archive[k] for k in archive.files if k in PICTURES}
    except FileNotFoundError:
        return {}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise _unreadable(path, "a NumPy archive", error) from error
    for name, array in pictures.items():
        if array.ndim != PICTURES[name]:
            raise UserError(
                f"Expected {name} in {path} to have {PICTURES[name]} "
                f"dimensions. Received: shape {array.shape}. Evaluate again."
            )
    return pictures


def read_log(path: str) -> dict[str, Curve]:
    """The rows of a `metrics.jsonl` as curves by name.

    A row that a killed process left half written is skipped.
    """
    points: dict[str, list[tuple[int, float]]] = {}
    for line in read_text(path).splitlines():
        try:
            row = json.loads(line)
            step = int(row.pop(layout.STEP))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        for name, value in row.items():
            if isinstance(value, (int, float)):
                points.setdefault(name, []).append((step, value))
    return {name: _curve(found) for name, found in points.items()}


def _curve(points: list[tuple[int, float]]) -> Curve:
    steps, values = np.array(points, np.float64).T
    finite = np.isfinite(values)
    return Curve(
        steps[finite].astype(np.int64),
        values[finite],
        int(np.count_nonzero(~finite)),
    )


def _unreadable(path: str, what: str, error: Exception) -> UserError:
    return UserError(
        f"Expected {path} to be {what}. Received: "
        f"{type(error).__name__} ({error}). Evaluate again, or remove it."
    )
