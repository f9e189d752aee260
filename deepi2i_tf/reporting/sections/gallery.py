"""Data of the sections of pictures: grid, samples, strips, neighbours.

Pictures are limited in number, so that a page of 555 classes stays small;
`left_out` says what is not shown.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from deepi2i_tf.reporting.html.images import (
    Axes,
    Encoder,
    Picture,
    PictureRow,
)
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.reporting.text import counted, distance
from deepi2i_tf.utils.spacing import evenly_spaced

# Of a creature of scale 1, in parts of the picture's side: data_prep draws so.
HEAD_RADIUS = 0.23
MOST_TARGETS = 24
MOST_SOURCES = 12
MOST_POSED_TARGETS = 8
MOST_ANSWERED = 24
MOST_RANDOM = 48
MOST_STRIPS = 8
MOST_STEPS = 11
MOST_NEIGHBOURS = 12


def grid(report: ReportData, encoder: Encoder) -> dict[str, Any] | None:
    """The translation grid of the paper: targets down, sources across."""
    pictures = report.pictures
    if "grid" not in pictures or not pictures["grid"].size:
        return None
    images, targets = pictures["grid"], _labels(report, "grid_targets", "grid")
    rows = evenly_spaced(len(images), MOST_TARGETS)
    columns = evenly_spaced(images.shape[1], MOST_SOURCES)
    lines = []
    for row in rows:
        name = report.class_name(int(targets[row]))
        cells = [
            encoder.picture(
                images[row, column], f"{source_name(report, column)} as {name}"
            )
            for column in columns
        ]
        lines.append(PictureRow(name, cells))
    return {
        "sources": [source_head(report, encoder, c) for c in columns],
        "rows": lines,
        "left_out": left_out(
            (len(rows), len(images), "target"),
            (len(columns), images.shape[1], "source"),
        ),
    }


def truth(report: ReportData, encoder: Encoder) -> dict[str, Any] | None:
    """Source, translation and the known right answer, three by three."""
    pictures = report.pictures
    if not {"grid", "sources", "truth", "truth_known"} <= set(pictures):
        return None
    targets = _labels(report, "grid_targets", "grid")
    labels = _labels(report, "source_labels", "sources")
    known = pictures["truth_known"] & (targets[:, None] != labels)
    # Along diagonals: neighbours differ in source and class.
    places = sorted(
        np.argwhere(known).tolist(),
        key=lambda place: ((place[0] - place[1]) % len(targets), place[1]),
    )
    groups = []
    for row, column in places[:MOST_ANSWERED]:
        source = source_name(report, column)
        name = report.class_name(int(targets[row]))
        of_group = (
            (pictures["sources"][column], f"source: {source}", source),
            (pictures["grid"][row, column], f"as {name}", f"as {name}"),
            (pictures["truth"][row, column], f"right {name}", "right answer"),
        )
        groups.append([encoder.picture(*each) for each in of_group])
    if not groups:
        return None
    shown = left_out((len(groups), len(places), "translation"))
    return {"groups": groups, "left_out": shown}


def poses(report: ReportData, encoder: Encoder) -> dict[str, Any] | None:
    """Sources and translations under the poses that are read off them."""
    pictures = report.pictures
    if not {"grid", "sources", "grid_poses", "source_poses"} <= set(pictures):
        return None
    images, read = pictures["grid"], pictures["grid_poses"]
    targets = _labels(report, "grid_targets", "grid")
    rows = evenly_spaced(len(images), MOST_POSED_TARGETS)
    columns = evenly_spaced(images.shape[1], MOST_SOURCES)
    of_source = [
        axes(pictures["source_poses"][c], "of-source") for c in columns
    ]
    lines = []
    for row in rows:
        name = report.class_name(int(targets[row]))
        cells = [
            dataclasses.replace(
                encoder.picture(images[row, column], f"pose as {name}"),
                axes=(source, axes(read[row, column], "of-picture")),
            )
            for column, source in zip(columns, of_source, strict=True)
        ]
        lines.append(PictureRow(name, cells))
    heads = [source_head(report, encoder, column) for column in columns]
    return {
        "sources": [
            (name, dataclasses.replace(picture, axes=(source,)))
            for (name, picture), source in zip(heads, of_source, strict=True)
        ],
        "rows": lines,
        "left_out": left_out(
            (len(rows), len(images), "target"),
            (len(columns), images.shape[1], "source"),
        ),
    }


def axes(pose: np.ndarray, mark: str) -> Axes:
    """A pose (x, y, scale, roll, yaw) of Creatures as something to draw."""
    x, y, scale, roll, yaw = (float(value) for value in pose)
    x, y, radius = 0.5 + x, 0.5 + y, max(HEAD_RADIUS * scale, 0.0)
    right, down = np.cos(roll), np.sin(roll)
    up = x + radius * down, y - radius * right
    ahead = radius * np.sin(yaw)
    nose = x + ahead * right, y + ahead * down
    values = ((x, y, radius), up, nose)
    (x, y, radius), up, nose = (
        tuple(round(float(each), 4) for each in group) for group in values
    )
    return Axes(x, y, radius, up, nose, mark)


def random(report: ReportData, encoder: Encoder) -> dict[str, Any] | None:
    """Translations of random sources into random classes."""
    images = report.pictures.get("random")
    if images is None or not len(images):
        return None
    targets = _labels(report, "random_targets", "random")
    shown = evenly_spaced(len(images), MOST_RANDOM)
    names = [report.class_name(int(targets[index])) for index in shown]
    return {
        "pictures": [
            encoder.picture(images[index], f"translation into {name}", name)
            for index, name in zip(shown, names, strict=True)
        ],
        "left_out": left_out((len(shown), len(images), "sample")),
    }


def strips(report: ReportData, encoder: Encoder) -> dict[str, Any] | None:
    """Interpolations between classes and between z."""
    pairs = report.pictures.get("class_strip_targets", np.zeros((0, 2)))
    targets = report.pictures.get("z_strip_targets", np.zeros(0))
    name = report.class_name
    names = {
        "classes": [f"{name(int(a))} to {name(int(b))}" for a, b in pairs],
        "z": [name(int(label)) for label in targets],
    }
    found = {
        "classes": report.pictures.get("class_strips"),
        "z": report.pictures.get("z_strips"),
    }
    data = {
        kind: _strips(images, encoder, names[kind])
        for kind, images in found.items()
        if images is not None and images.size
    }
    return data or None


def _strips(
    images: np.ndarray, encoder: Encoder, names: Sequence[str]
) -> dict[str, Any]:
    rows, steps = evenly_spaced(len(images), MOST_STRIPS), images.shape[1]
    shown = evenly_spaced(steps, MOST_STEPS)
    lines = []
    for row in rows:
        cells = [
            encoder.picture(images[row, step], f"step {step + 1} of {steps}")
            for step in shown
        ]
        lines.append(PictureRow(names[row] if row < len(names) else "", cells))
    return {
        "rows": lines,
        "left_out": left_out(
            (len(rows), len(images), "strip"), (len(shown), steps, "step")
        ),
    }


def neighbours(report: ReportData, encoder: Encoder) -> dict[str, Any] | None:
    """Translations beside the training images nearest to them."""
    found = report.pictures
    if not len(found.get("nearest_query", ())) or "nearest_found" not in found:
        return None
    queries, nearest = found["nearest_query"], found["nearest_found"]
    unknown = np.full(nearest.shape[:2], np.nan)
    distances = found.get("nearest_distance", unknown)
    # The nearest first: they are the ones to be suspicious of.
    order = np.argsort(distances[:, 0], kind="stable")[:MOST_NEIGHBOURS]
    groups = []
    for index in order:
        query = encoder.picture(queries[index], "translation", "translation")
        pairs = zip(nearest[index], distances[index], strict=True)
        near = [
            encoder.picture(
                image, "nearest training image", distance(float(far))
            )
            for image, far in pairs
        ]
        groups.append([query, *near])
    same = (nearest == queries[:, None]).all(axis=(2, 3, 4)).any(axis=1)
    return {
        "groups": groups,
        "compared": counted(len(queries), "translation"),
        "copies": int(same.sum()),
        "left_out": left_out((len(order), len(queries), "translation")),
    }


def source_head(
    report: ReportData, encoder: Encoder, index: int
) -> tuple[str, Picture | None]:
    """Class and picture of a source, for the head of its column."""
    name, sources = source_name(report, index), report.pictures.get("sources")
    if sources is None or index >= len(sources):
        return name, None
    return name, encoder.picture(sources[index], f"source: {name}")


def source_name(report: ReportData, index: int) -> str:
    """Class of a source, or its number where the class is not known."""
    labels = _labels(report, "source_labels", "sources")
    known = index < len(labels) and labels[index] >= 0
    return report.class_name(int(labels[index])) if known else f"#{index + 1}"


def left_out(*counts: tuple[int, int, str]) -> list[str]:
    """What is shown of what there is, e.g. `"24 of 60 targets"`."""
    return [
        f"{shown} of {counted(total, thing)}"
        for shown, total, thing in counts
        if shown < total
    ]


def _labels(report: ReportData, key: str, of: str) -> np.ndarray:
    """Labels beside an array of pictures; -1 where no file has them."""
    labels = report.pictures.get(key)
    if labels is not None:
        return labels
    return np.full(len(report.pictures.get(of, ())), -1)
