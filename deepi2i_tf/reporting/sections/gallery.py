"""The sections of pictures: grid, samples, strips, nearest neighbours.

What is shown is limited, so that a page of 555 classes stays small; a note
under each section says what was left out.
"""

from collections.abc import Sequence

import numpy as np

from deepi2i_tf.reporting.html.elements import (
    Markup,
    Section,
    breakable,
    element,
    heading,
    joined,
    note,
    paragraph,
)
from deepi2i_tf.reporting.html.images import Encoder, captioned, picture_table
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.reporting.text import counted, distance
from deepi2i_tf.utils.spacing import evenly_spaced

MOST_TARGETS = 24
MOST_SOURCES = 12
MOST_RANDOM = 48
MOST_STRIPS = 8
MOST_STEPS = 11
MOST_NEIGHBOURS = 12


def grid_section(report: ReportData, encoder: Encoder) -> Section | None:
    """The translation grid of the paper: targets down, sources across."""
    pictures = report.pictures
    if "grid" not in pictures or not pictures["grid"].size:
        return None
    grid, targets = pictures["grid"], _labels(report, "grid_targets", "grid")
    rows = evenly_spaced(len(grid), MOST_TARGETS)
    columns = evenly_spaced(grid.shape[1], MOST_SOURCES)
    names = [report.class_name(int(targets[row])) for row in rows]
    sources = _labels(report, "source_labels", "sources")
    heads = [source_head(report, encoder, int(c)) for c in columns]
    lines = []
    for name, row in zip(names, rows, strict=True):
        cells = [
            encoder.picture(
                grid[row, column],
                f"{_source_name(report, sources, int(column))} as {name}",
            )
            for column in columns
        ]
        lines.append((breakable(name), cells))
    body = [
        paragraph(
            "Each column is one held-out source, shown on top; each row "
            "translates all of them into one class. Down a column the class "
            "should change and the pose stay; along a row the class should "
            "stay and the pose change."
        ),
        picture_table(["source", *heads], lines, "Translation grid", "grid"),
        _left_out(len(rows), len(grid), "target"),
        _left_out(len(columns), grid.shape[1], "source"),
    ]
    return Section("grid", "Translations", joined(body))


def random_section(report: ReportData, encoder: Encoder) -> Section | None:
    """Translations that nobody picked."""
    pictures = report.pictures.get("random")
    if pictures is None or not len(pictures):
        return None
    targets = _labels(report, "random_targets", "random")
    shown = evenly_spaced(len(pictures), MOST_RANDOM)
    figures = []
    for index in shown:
        name = report.class_name(int(targets[index]))
        picture = encoder.picture(pictures[index], f"translation into {name}")
        figures.append(captioned(picture, breakable(name)))
    body = [
        paragraph(
            "Random sources into random classes with random z, not picked by "
            "anyone: the fairest look at what the translator does."
        ),
        element("div", joined(figures), class_="samples"),
        _left_out(len(shown), len(pictures), "sample"),
    ]
    return Section("random", "Random samples", joined(body))


def strips_section(report: ReportData, encoder: Encoder) -> Section | None:
    """Interpolations between classes and between z."""
    body = []
    targets = report.pictures.get("class_strip_targets", np.zeros((0, 2)))
    names = [
        " to ".join(report.class_name(int(label)) for label in pair)
        for pair in targets
    ]
    body += _strips(
        report,
        encoder,
        "class_strips",
        names,
        "Between classes",
        "One source and one z; only the class embedding moves from left to "
        "right. Good strips change smoothly and look real on the whole way.",
    )
    targets = report.pictures.get("z_strip_targets", np.zeros(0))
    body += _strips(
        report,
        encoder,
        "z_strips",
        [report.class_name(int(label)) for label in targets],
        "Between two z",
        "One source and one class; only z moves. Strips that stand still say "
        "that the translator does not listen to z.",
    )
    return Section("strips", "Interpolation", joined(body)) if body else None


def neighbours_section(report: ReportData, encoder: Encoder) -> Section | None:
    """Translations beside the training images nearest to them."""
    found = report.pictures
    if "nearest_query" not in found or "nearest_found" not in found:
        return None
    queries, nearest = found["nearest_query"], found["nearest_found"]
    shape = nearest.shape[:2]
    distances = found.get("nearest_distance", np.full(shape, np.nan))
    if not len(queries):
        return None
    # The nearest first: they are the ones to be suspicious of.
    order = np.argsort(distances[:, 0], kind="stable")[:MOST_NEIGHBOURS]
    groups = []
    for place in order:
        query = encoder.picture(queries[place], "translation")
        figures = [captioned(query, "translation")]
        for image, far in zip(nearest[place], distances[place], strict=True):
            picture = encoder.picture(image, "nearest training image")
            figures.append(captioned(picture, distance(float(far))))
        groups.append(element("div", joined(figures), class_="neighbours"))
    body = [
        paragraph(
            "Is it copying? Framed a translation, right of it the training "
            "images of its class that lie nearest, with their distance in "
            "features; the closest pairs come first. A translator that "
            "learned shares the class with them, one that memorised shares "
            "the whole picture."
        ),
        paragraph(_copies(queries, nearest)),
        element("div", joined(groups), class_="groups"),
        _left_out(len(order), len(queries), "translation"),
    ]
    return Section("neighbours", "Nearest training images", joined(body))


def _copies(queries: np.ndarray, nearest: np.ndarray) -> str:
    same = (nearest == queries[:, None]).all(axis=(2, 3, 4)).any(axis=1)
    of = f"Of {counted(len(queries), 'translation')} that were compared,"
    if not same.any():
        return f"{of} none is a training image pixel for pixel."
    return f"{of} {int(same.sum())} repeat a training image pixel for pixel."


def _strips(
    report: ReportData,
    encoder: Encoder,
    key: str,
    names: Sequence[str],
    title: str,
    reading: str,
) -> list[Markup]:
    strips = report.pictures.get(key)
    if strips is None or not strips.size:
        return []
    rows, steps = evenly_spaced(len(strips), MOST_STRIPS), strips.shape[1]
    shown = evenly_spaced(steps, MOST_STEPS)
    lines = []
    for row in rows:
        cells = [
            encoder.picture(strips[row, step], f"step {step + 1} of {steps}")
            for step in shown
        ]
        name = names[row] if row < len(names) else ""
        lines.append((breakable(name), cells))
    return [
        heading(title),
        paragraph(reading),
        picture_table([], lines, title, "strip"),
        _left_out(len(rows), len(strips), "strip"),
        _left_out(len(shown), steps, "step"),
    ]


def _labels(report: ReportData, key: str, of: str) -> np.ndarray:
    """Labels beside an array of pictures; -1 where they are not told."""
    count = len(report.pictures.get(of, ()))
    message = report.pictures.get(key)
    return message if message is not None else np.full(count, -1)


def _source_name(report: ReportData, labels: np.ndarray, index: int) -> str:
    known = index < len(labels) and labels[index] >= 0
    return report.class_name(int(labels[index])) if known else f"#{index + 1}"


def source_head(report: ReportData, encoder: Encoder, index: int) -> Markup:
    """A source and its class, as the head of a column.

    Args:
        report: its `sources` and `source_labels`.
        encoder: makes the picture.
        index: which source.
    """
    labels = _labels(report, "source_labels", "sources")
    name = _source_name(report, labels, index)
    sources = report.pictures.get("sources", ())
    if index >= len(sources):
        return element("span", breakable(name))
    picture = encoder.picture(sources[index], f"source: {name}")
    return joined([picture, element("span", breakable(name))])


def _left_out(shown: int, there: int, thing: str) -> Markup:
    if shown == there:
        return Markup("")
    return note(
        f"Shown: {shown} of {counted(there, thing)}, to keep this file small."
    )
