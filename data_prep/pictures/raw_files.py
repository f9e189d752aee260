"""Reads the text files that describe a raw data set, or says why not.

They are UTF-8 with a row a line; a byte-order mark, any line ends and empty
lines are put up with. Every row must have the shape that its set documents:
a row that is read wrongly gives a wrong picture, which nobody notices.
"""

import codecs
import os
import pathlib
import re
from collections.abc import Mapping
from typing import Any

from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import printable_path

# Four whole numbers, each after a blank.
FOUR_NUMBERS = r"\s+(-?[0-9]+)" * 4


def root_from(flags: Mapping[str, Any], holds: str) -> str:
    """Returns `--manual_dir`, without which no raw data set is found.

    Raises:
        UserError: it was not given.
    """
    if not flags["manual_dir"]:
        raise UserError(
            "Expected --manual_dir, the folder of the raw data set. Received: "
            f"none. Give a folder that holds {holds}."
        )
    return flags["manual_dir"]


def check_root(root: pathlib.Path, name: str) -> None:
    """Checks that a folder is the raw data set's, by a file it must hold.

    Raises:
        UserError: it does not hold the file; where a folder in it does, the
            message names that one.
    """
    if (root / name).is_file():
        return
    below = sorted(root.glob(f"*/{name}"))
    advice = (
        f"Give --manual_dir={below[0].parent}"
        if below
        else "Give the folder that the archive unpacks to"
    )
    raise UserError(
        f"Expected --manual_dir={root} to hold {name}. Received: "
        f"{describe_folder(root)}. {advice}."
    )


def describe_folder(folder: pathlib.Path) -> str:
    """Returns what is found at a place, in a few words."""
    if not folder.is_dir():
        return "a file" if folder.exists() else "nothing there"
    names = sorted(map(printable_path, os.listdir(folder)))
    if not names:
        return "an empty folder"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"


def _read_lines(path: pathlib.Path) -> list[tuple[int, str]]:
    """Returns numbered lines, without the empty ones."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"Expected to read {path}. Received: {error.strerror}. Put the "
            "file there, or see to its permissions."
        ) from None
    content = content.removeprefix(codecs.BOM_UTF8)
    lines = []
    for number, line in enumerate(content.splitlines(), 1):
        try:
            text = line.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise UserError(
                f"Expected {path} to be UTF-8. Received: {line[:40]!r} in "
                f"line {number}. Save the file as UTF-8."
            ) from None
        if text:
            lines.append((number, text))
    return lines


def read_rows(
    path: pathlib.Path, pattern: str, shape: str, header: str = ""
) -> list[tuple[str, ...]]:
    """Returns the rows of a text file.

    Args:
        path: of the file.
        pattern: regular expression of a whole row; its groups are returned.
        shape: what a row looks like, for the message.
        header: first word of the first line where that is a heading; a file
            without the heading is accepted.

    Raises:
        UserError: there is no such file, it is empty or not UTF-8, or a line
            has another shape; then its number is told.
    """
    lines = _read_lines(path)
    if header and lines and lines[0][1].split()[0].lower() == header:
        lines = lines[1:]
    if not lines:
        raise UserError(
            f"Expected rows {shape} in {path}. Received: none. Get the file "
            "anew."
        )
    expression = re.compile(pattern)
    rows = []
    for number, text in lines:
        match = expression.fullmatch(text)
        if not match:
            raise UserError(
                f"Expected every line of {path} to be {shape}. Received: "
                f"{text[:80]!r} in line {number}. Correct that line, or get "
                "the file anew."
            )
        rows.append(match.groups())
    return rows


def read_table(
    path: pathlib.Path, pattern: str, shape: str, header: str = ""
) -> dict[str, tuple[str, ...]]:
    """Returns the rows of a text file by their first group.

    Args:
        path: of the file.
        pattern: as in `read_rows`; the first group is the key.
        shape: as in `read_rows`.
        header: as in `read_rows`.

    Raises:
        UserError: as `read_rows`; and where a key occurs twice.
    """
    table = {}
    for key, *values in read_rows(path, pattern, shape, header):
        if key in table:
            raise UserError(
                f"Expected one row for each id in {path}. Received: two for "
                f"{key}. Remove one of them, or get the file anew."
            )
        table[key] = tuple(values)
    return table
