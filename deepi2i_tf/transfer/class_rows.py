"""Chooses the pretrained class row that each of our classes starts from.

Never "row i because it is row i": the first rule that applies serves a class,
    map       the class map says whose,
    name      one of their classes has the same name,
    features  the discriminator finds one of theirs nearest to our images,
    mean      none of these: the mean of all their rows.
All that has one number or row for each class is then multiplied by one
matrix, which holds the weight of their classes (columns) in ours (rows).
"""

import collections
import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import composed

MAP, NAME, FEATURES, MEAN = "map", "name", "features", "mean"
# What `--class_rows` allows beside the class map.
RULES = {
    "auto": (NAME, FEATURES),
    "name": (NAME,),
    "features": (FEATURES,),
    "mean": (),
}
_SHOWN = 5  # unknown names of a class map that are told


@dataclasses.dataclass(frozen=True)
class ClassRow:
    """Where the row of one class comes from.

    Args:
        name: our class.
        rule: the rule that serves it.
        source: their class; None for the mean of all.
    """

    name: str
    rule: str
    source: str | None


def choose_rows(
    ours: Sequence[str],
    theirs: Sequence[str],
    mapped: Mapping[str, str],
    class_rows: str,
    nearest: Callable[[], Mapping[str, str]],
) -> tuple[ClassRow, ...]:
    """Serves every one of our classes by the first rule that applies.

    Args:
        ours: class names of this run.
        theirs: class names of the run that it starts from.
        mapped: their name for some of ours, from the class map.
        class_rows: which rules may follow, a key of `RULES`.
        nearest: gives their nearest class for those of ours that have images
            to look at; called only where classes are left for it.
    """
    rules = RULES[class_rows]
    their_names = {composed(name): name for name in theirs}
    by_name = {
        name: their_names[composed(name)]
        for name in ours
        if composed(name) in their_names
    }
    found = {MAP: mapped, NAME: by_name if NAME in rules else {}}
    left = [n for n in ours if not any(n in names for names in found.values())]
    found[FEATURES] = nearest() if left and FEATURES in rules else {}
    return tuple(_served(name, found) for name in ours)


def _served(name: str, found: Mapping[str, Mapping[str, str]]) -> ClassRow:
    for rule, names in found.items():
        if name in names:
            return ClassRow(name, rule, names[name])
    return ClassRow(name, MEAN, None)


def row_matrix(rows: Sequence[ClassRow], theirs: Sequence[str]) -> np.ndarray:
    """The weight of each of their classes in each of ours.

    Returns:
        float64, (our classes, their classes); every row adds up to 1.
    """
    matrix = np.zeros((len(rows), len(theirs)))
    for row, weights in zip(rows, matrix, strict=True):
        if row.source is None:
            weights[:] = 1.0 / len(theirs)
        else:
            weights[theirs.index(row.source)] = 1.0
    return matrix


def table_text(rows: Sequence[ClassRow]) -> str:
    """A tab-separated line for each class: its name, the rule, their class."""
    lines = [("class", "rule", "starts from")]
    lines += [(row.name, row.rule, row.source or "(mean)") for row in rows]
    return "".join("\t".join(line) + "\n" for line in lines)


def counts_text(rows: Sequence[ClassRow]) -> str:
    """How many classes each rule served, e.g. `"3 by name, 1 by mean"`."""
    counts = collections.Counter(row.rule for row in rows)
    order = (MAP, NAME, FEATURES, MEAN)
    return ", ".join(f"{counts[r]} by {r}" for r in order if counts[r])


def read_class_map(
    path: str, ours: Sequence[str], theirs: Sequence[str]
) -> dict[str, str]:
    """Reads `--class_map`: a line is `our class<TAB>their class`, or a comma.

    Classes may be left out.

    Raises:
        UserError: the file cannot be read, a line is no pair, a class is given
            twice, or there is no class of that name.
    """
    lines = _read_lines(path)
    named: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        pair = line.split("\t" if "\t" in line else ",")
        pair = [composed(name.strip()) for name in pair]
        if len(pair) != 2 or pair[0] in named:
            fault = "a class again" if len(pair) == 2 else "no pair"
            raise UserError(
                f"Expected each line of {path} to be our class, a tab or "
                f"comma, and their class. Received: {fault} in line {number}, "
                f"{line!r}. Correct it."
            )
        named[pair[0]] = pair[1]
    our_names = _stored_names(path, "of this run", named.keys(), ours)
    their_names = _stored_names(path, "of --init_from", named.values(), theirs)
    return dict(zip(our_names, their_names, strict=True))


def _read_lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            "Expected --class_map to be a text file. Received: "
            f"{path} ({error}). Give one with a line per class."
        ) from error


def _stored_names(
    path: str, whose: str, names: Iterable[str], known: Sequence[str]
) -> list[str]:
    """The names as the runs have them, whose Unicode form may be another."""
    by_form = {composed(name): name for name in known}
    unknown = sorted({n for n in names if composed(n) not in by_form})
    if unknown:
        more = " ..." if len(unknown) > _SHOWN else ""
        raise UserError(
            f"Expected {path} to name classes {whose}, such as {known[0]}. "
            f"Received: {len(unknown)} others: "
            f"{', '.join(unknown[:_SHOWN])}{more}. Correct them."
        )
    return [by_form[composed(name)] for name in names]
