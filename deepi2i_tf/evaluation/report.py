"""Writes an evaluation: `metrics.json`, `per_class.csv`, `translations.png`."""

import csv
import io
import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from deepi2i_tf.evaluation.real_images import RealImages
from deepi2i_tf.metrics import names
from deepi2i_tf.sheet import draw_sheet, save_png

METRICS_FILE = "metrics.json"
PER_CLASS_FILE = "per_class.csv"
SHEET_FILE = "translations.png"
MAX_SHEET_ROWS = 20


def write_report(
    output: str,
    scores: Mapping[str, Any],
    sources: RealImages,
    pictures: np.ndarray,
    class_names: tuple[str, ...],
) -> None:
    """Writes the files of a report, each beside its place and renamed.

    Args:
        output: the folder; made where missing.
        scores: the contents of `metrics.json`.
        sources: the sources of the sheet.
        pictures: uint8, (classes, sources, R, R, 3): their translations.
        class_names: names of the classes, by label.
    """
    os.makedirs(output, exist_ok=True)
    sheet = _sheet(sources, pictures, class_names)
    save_png(sheet, os.path.join(output, SHEET_FILE))
    _write(os.path.join(output, PER_CLASS_FILE), per_class_csv(scores))
    text = json.dumps(scores, indent=2, allow_nan=False) + "\n"
    _write(os.path.join(output, METRICS_FILE), text)


def per_class_csv(scores: Mapping[str, Any]) -> str:
    """One line for each class, with a header; absent metrics stay empty.

    Args:
        scores: the contents of `metrics.json`.
    """
    columns = ["class", names.RC, names.RC_REAL]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for name, values in scores[names.PER_CLASS].items():
        writer.writerow({"class": name} | values)
    return text.getvalue()


def describe(scores: Mapping[str, Any]) -> str:
    """The metrics and their protocol, as lines for a person.

    Args:
        scores: the contents of `metrics.json`.
    """
    protocol = scores[names.PROTOCOL]
    lines = [f"{key}: {value}" for key, value in protocol.items()]
    for name, value in scores.items():
        if isinstance(value, float):
            lines.append(f"{name}: {value:.4f}")
        elif name.startswith(names.POSE_R2):
            parts = ", ".join(f"{k} {v:.3f}" for k, v in value.items())
            lines.append(f"{name}: {parts}")
    return "\n".join(lines)


def _sheet(
    sources: RealImages, pictures: np.ndarray, class_names: tuple[str, ...]
) -> Any:
    count = min(len(class_names), MAX_SHEET_ROWS)
    targets = np.linspace(0, len(class_names) - 1, count).round().astype(int)
    rows = [list(sources.images)] + [list(pictures[t]) for t in targets]
    return draw_sheet(
        rows,
        ["source"] + [f"to {class_names[t]}" for t in targets],
        [class_names[label] for label in sources.labels],
        title="Translations of held-out images",
    )


def _write(path: str, text: str) -> None:
    beside = f"{path}.partial-{os.getpid()}"
    with open(beside, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(beside, path)
