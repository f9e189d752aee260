"""Reading the files behind a report, and writing the ones it becomes.

`evaluation/` and `training/` do not know each other, so the names of a run's
files are repeated here; a test holds them against the ones that training
writes. A file that is missing is no mistake (a report without a run has no
curves), one that cannot be read is.
"""

import csv
import dataclasses
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from deepi2i_tf.utils.errors import UserError

METRICS_FILE = "metrics.json"
PER_CLASS_FILE = "per_class.csv"
PICTURES_FILE = "pictures.npz"
LOG_FILE = "metrics.jsonl"
CONFIG_FILE = "config.json"
DATA_FILE = "data.json"
FLAGS_FILE = "flags.cfg"
STEP = "step"
# What may stand in pictures.npz, and how many dimensions it has.
PICTURES: Mapping[str, int] = {
    "sources": 4,
    "source_labels": 1,
    "grid": 5,
    "grid_targets": 1,
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


@dataclasses.dataclass(frozen=True)
class Curve:
    """One number of a run over its steps.

    Args:
        steps: int64, (n,), rising.
        values: float64, (n,), all finite.
        dropped: rows that said NaN or infinity and are left out.
    """

    steps: np.ndarray
    values: np.ndarray
    dropped: int = 0


def read_text(path: str) -> str:
    """The text of a file; empty where there is none.

    Raises:
        UserError: it is there and cannot be read.
    """
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, "a text in UTF-8", error) from error


def read_json(path: str) -> dict[str, Any]:
    """The object of a JSON file; empty where there is none.

    Raises:
        UserError: it holds something else.
    """
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
    """The arrays of `pictures.npz`; none where there is no file.

    Args:
        path: the file; arrays beyond `PICTURES` are left out.

    Raises:
        UserError: it is damaged, or an array has other dimensions than
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
    """The rows of `metrics.jsonl` as curves by name.

    Args:
        path: the file; where there is none, there are no curves. A row that
            a killed process left half written is passed over.
    """
    points: dict[str, list[tuple[int, float]]] = {}
    for line in read_text(path).splitlines():
        try:
            row = json.loads(line)
            step = int(row.pop(STEP))
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
