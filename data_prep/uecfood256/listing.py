"""Which dishes there are, from the tables of UECFOOD-256.

A photo that shows several dishes stands in each of their folders under the
same name, with a row in each folder's table; and a dish may be boxed more than
once on a photo.
"""

import os
import pathlib
import re
from collections.abc import Mapping

from data_prep.pictures.boxed_photos import BoxedPhoto
from data_prep.pictures.raw_files import (
    FOUR_NUMBERS,
    check_root,
    read_rows,
    read_table,
)
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import printable_path
from deepi2i_tf.utils.picture_files import is_system_entry

CATEGORIES = "category.txt"
BOXES = "bb_info.txt"
_NUMBER = r"[0-9]+"


def read_categories(root: pathlib.Path) -> dict[str, str]:
    """Returns the names of the dishes by the names of their folders.

    Args:
        root: holds `category.txt` and a folder per dish.

    Raises:
        UserError: it does not, or table and folders do not fit together.
    """
    check_root(root, CATEGORIES)
    shape = "<id> <name>, below the heading id name"
    table = read_table(
        root / CATEGORIES, rf"({_NUMBER})\s+(.+)", shape, header="id"
    )
    with os.scandir(root) as entries:
        folders = {
            entry.name
            for entry in entries
            if re.fullmatch(_NUMBER, entry.name) and entry.is_dir()
        }
    for odd, what in (
        (table.keys() - folders, "no folder for"),
        (folders - table.keys(), "folders without a row:"),
    ):
        if odd:
            first = sorted(odd, key=int)[:5]
            more = f" and {len(odd) - 5} more" if len(odd) > 5 else ""
            raise UserError(
                f"Expected a folder in {root} for every id of {CATEGORIES}. "
                f"Received: {what} {', '.join(first)}{more}. Unpack the whole "
                "archive there."
            )
    return {key: name for key, (name,) in table.items()}


def list_dishes(
    root: pathlib.Path, categories: Mapping[str, str]
) -> tuple[list[BoxedPhoto], list[tuple[str, str]]]:
    """Returns the boxes of all folders.

    Returns:
        Dishes, and (name, reason) of photos that have no box.

    Raises:
        UserError: a folder's table is missing or has a malformed row.
    """
    dishes, refused = [], []
    for category in categories:
        rows = read_rows(
            root / category / BOXES,
            rf"([^\s/]+){FOUR_NUMBERS}",
            "<img> x1 y1 x2 y2, below the heading img x1 y1 x2 y2",
            header="img",
        )
        dishes += [_dish(root, category, photo, *box) for photo, *box in rows]
        boxed = {f"{photo}.jpg" for photo, *_ in rows}
        for name in sorted(os.listdir(root / category)):
            is_photo = name.lower().endswith(".jpg")
            if is_photo and name not in boxed and not is_system_entry(name):
                message = f"{category}/{printable_path(name)}"
                refused.append((message, f"no box in {BOXES}"))
    return dishes, refused


def _dish(
    root: pathlib.Path, category: str, photo: str, *numbers: str
) -> BoxedPhoto:
    corners = tuple(map(int, numbers))
    message = "_".join(map(str, corners))
    return BoxedPhoto(
        id=f"{category}/{photo}_{message}",
        class_id=category,
        photo=photo,
        path=root / category / f"{photo}.jpg",
        box=corners,
    )
