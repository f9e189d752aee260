"""Writes an evaluation: numbers, tables and pictures, as files.

`metrics.json`, `per_class.csv`, `pictures.npz` (see `pictures`) and
`translations.png`; `reporting.report` makes a page of them.
"""

import csv
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from deepi2i_tf.evaluation.per_class import MAX_SHEET_ROWS
from deepi2i_tf.metrics import names
from deepi2i_tf.runs.layout import (
    METRICS_FILE,
    PER_CLASS_FILE,
    PICTURES_FILE,
    TRANSLATIONS_FILE,
)
from deepi2i_tf.utils.atomic_files import atomic_write
from deepi2i_tf.utils.image_grid import draw_sheet, save_png
from deepi2i_tf.utils.names import printable_path
from deepi2i_tf.utils.spacing import evenly_spaced

COLUMNS = (
    "class",
    names.RC,
    names.RC_REAL,
    names.FID,
    names.KID_X100,
    names.NUM_TRANSLATIONS,
    names.NUM_REALS,
    names.FC,
)
# How people call what is computed in feature space.
_IN_FEATURE_SPACE = {
    names.MFID: "mFID",
    names.MKID_X100: "mKID x 100",
    names.DIVERSITY: "diversity",
}


def write_report(
    output: str,
    scores: Mapping[str, Any],
    pictures: Mapping[str, np.ndarray],
    sheet: Image.Image,
) -> None:
    """Writes the files of a report, each beside its place and renamed."""
    save_png(sheet, os.path.join(output, TRANSLATIONS_FILE))
    arrays = io.BytesIO()
    np.savez_compressed(arrays, **pictures)
    atomic_write(os.path.join(output, PICTURES_FILE), arrays.getvalue())
    table = per_class_csv(scores).encode()
    atomic_write(os.path.join(output, PER_CLASS_FILE), table)
    text = json.dumps(scores, indent=2, allow_nan=False) + "\n"
    atomic_write(os.path.join(output, METRICS_FILE), text.encode())


def tell_replaced(output: str) -> None:
    """Says so where a report stands in the folder of the one to come."""
    if os.path.exists(os.path.join(output, METRICS_FILE)):
        print(
            f"Replaces the report in {printable_path(output)}.",
            file=sys.stderr,
        )


def per_class_csv(scores: Mapping[str, Any]) -> str:
    """One line for each class, with a header; absent metrics stay empty.

    Sets without known answers have no columns `truth_...`.
    """
    truths = {
        name: {
            each.replace("/", "_"): value
            for each, value in names.flat_numbers(
                values.get(names.TRUTH, {}), f"{names.TRUTH}/"
            ).items()
        }
        for name, values in scores[names.PER_CLASS].items()
    }
    added = dict.fromkeys(key for row in truths.values() for key in row)
    text = io.StringIO()
    writer = csv.DictWriter(
        text, (*COLUMNS, *added), extrasaction="ignore", lineterminator="\n"
    )
    writer.writeheader()
    for name, values in scores[names.PER_CLASS].items():
        writer.writerow({"class": name} | values | truths[name])
    return text.getvalue()


def describe(scores: Mapping[str, Any]) -> str:
    """The metrics and their protocol, as lines for a person.

    Numbers of different feature networks never bear one name.
    """
    protocol = scores[names.PROTOCOL]
    lines = [f"{key}: {value}" for key, value in protocol.items()]
    features = scores.get(names.FEATURES)
    for key, value in scores.items():
        name = key
        if key in _IN_FEATURE_SPACE:
            name = f"{_IN_FEATURE_SPACE[key]} ({features})"
        if isinstance(value, float):
            lines.append(f"{name}: {value:.4f}")
        elif key.startswith((names.POSE_R2, names.POSE_SLOPE, names.DIVERSITY)):
            lines.append(f"{name}: {_parts(value)}")
        elif key == names.TRUTH:
            for distance, found in value.items():
                network = f" ({features})" * (distance == names.FEATURES)
                lines.append(f"truth, {distance}{network}: {_parts(found)}")
    return "\n".join(lines)


def _parts(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in values.items())


def draw_translations(
    shown: Sequence[np.ndarray],
    class_names: Sequence[str],
    sources: np.ndarray | None = None,
    source_names: Sequence[str] = (),
) -> Image.Image:
    """Draws translations into up to 20 classes, a row for each.

    Args:
        shown: for every class uint8 (n, R, R, 3); read for those drawn only.
        class_names: names of the classes.
        sources: uint8, (n, R, R, 3): what they were made from; None draws
            no such row.
        source_names: their class names.
    """
    targets = evenly_spaced(len(class_names), MAX_SHEET_ROWS)
    rows = [list(shown[target]) for target in targets]
    labels = [f"to {class_names[target]}" for target in targets]
    width = max(map(len, rows))
    columns = [""] * width
    title = "Translations"
    if sources is not None:
        rows, labels = [list(sources), *rows], ["source", *labels]
        columns = list(source_names[:width])
        title = "Translations of held-out images"
    rows = [row + [None] * (width - len(row)) for row in rows]
    return draw_sheet(rows, labels, columns, title=title)
