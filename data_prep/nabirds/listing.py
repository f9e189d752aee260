"""Which birds there are, from the tables of NABirds.

The tables name classes by number: `image_class_labels.txt` as it is, the
folders of `images.txt` with leading zeros. `classes.txt` and `hierarchy.txt`
hold the whole tree of kinds, of which the leaves have photos.
"""

import pathlib
from collections.abc import Iterable, Mapping

from data_prep.pictures.boxed_photos import BoxedPhoto
from data_prep.pictures.raw_files import (
    FOUR_NUMBERS,
    check_root,
    read_rows,
    read_table,
)
from deepi2i_tf.utils.errors import UserError

IMAGES = "images.txt"
LABELS = "image_class_labels.txt"
BOXES = "bounding_boxes.txt"
SPLIT = "train_test_split.txt"
CLASSES = "classes.txt"
HIERARCHY = "hierarchy.txt"
_SPLITS = {"1": "train", "0": "test"}
_ID = r"(\S+)\s+"
_NUMBER = r"([0-9]+)"


def _check_complete(
    root: pathlib.Path, tables: Mapping[str, Mapping[str, object]]
) -> None:
    """Checks that all tables are of the same photos."""
    everyone = set().union(*tables.values())
    for name, table in tables.items():
        lacking = sorted(everyone - table.keys())
        if lacking:
            raise UserError(
                f"Expected a row for each of {len(everyone)} photos in "
                f"{root / name}. Received: {len(lacking)} fewer, {lacking[0]} "
                "among them. Get the file anew."
            )


def _read_tables(
    root: pathlib.Path, official_split: bool
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Returns the tables that have a row for each photo, by file."""
    check_root(root, IMAGES)
    tables = {
        IMAGES: read_table(
            root / IMAGES, rf"{_ID}({_NUMBER}/\S+)", "<id> <class>/<file>"
        ),
        LABELS: read_table(root / LABELS, _ID + _NUMBER, "<id> <class>"),
        BOXES: read_table(
            root / BOXES, rf"(\S+){FOUR_NUMBERS}", "<id> x y width height"
        ),
    }
    if official_split:
        tables[SPLIT] = read_table(
            root / SPLIT, _ID + "([01])", "<id> 1 (training) or 0 (testing)"
        )
    _check_complete(root, tables)
    return tables


def list_birds(
    root: pathlib.Path, official_split: bool
) -> tuple[list[BoxedPhoto], list[tuple[str, str]]]:
    """Returns the photos, each with the box of its bird.

    Args:
        root: holds the tables, and the photos in `images/`.
        official_split: take the split of `train_test_split.txt`.

    Returns:
        Birds, and (name, reason) of photos in another class's folder.

    Raises:
        UserError: a table is missing, has a malformed row or lacks photos; or
            all photos are in the folders of other classes.
    """
    tables = _read_tables(root, official_split)
    birds, refused = [], []
    for key, (name, folder) in tables[IMAGES].items():
        label = int(tables[LABELS][key][0])
        if int(folder) == label:
            split = _SPLITS[tables[SPLIT][key][0]] if official_split else ""
            birds.append(_bird(root, name, label, tables[BOXES][key], split))
        else:
            refused.append((name, f"labelled {label} in {LABELS}"))
    if not birds:
        name, reason = refused[0]
        raise UserError(
            f"Expected the folders of {root / IMAGES} to be the classes of "
            f"{LABELS}. Received: {name}, {reason}. Get both files anew."
        )
    return birds, refused


def _bird(
    root: pathlib.Path,
    name: str,
    label: int,
    numbers: tuple[str, ...],
    split: str,
) -> BoxedPhoto:
    left, top, width, height = map(int, numbers)
    return BoxedPhoto(
        id=name,
        class_id=f"{label:04d}",
        photo=name,
        path=root / "images" / name,
        box=(left, top, left + width, top + height),
        split=split,
    )


def read_names(root: pathlib.Path, class_ids: Iterable[str]) -> dict[str, str]:
    """Returns the names of the classes that have photos.

    Raises:
        UserError: a class has no name, or is no leaf of the hierarchy.
    """
    classes = read_table(root / CLASSES, rf"{_NUMBER}\s+(.+)", "<id> <name>")
    tree = read_rows(
        root / HIERARCHY, rf"{_NUMBER}\s+{_NUMBER}", "<child> <parent>"
    )
    names = {int(key): name for key, (name,) in classes.items()}
    children, parents = (
        set(map(int, column)) for column in zip(*tree, strict=True)
    )
    leaves = children - parents
    used = {class_id: int(class_id) for class_id in sorted(set(class_ids))}
    for file, known, what in (
        (HIERARCHY, leaves, "a leaf"),
        (CLASSES, names, "a name"),
    ):
        odd = [number for number in used.values() if number not in known]
        if odd:
            raise UserError(
                f"Expected every class of {LABELS} to have {what} in "
                f"{root / file}. Received: {len(odd)} without, {odd[0]} among "
                "them. Get both files anew."
            )
    return {class_id: names[number] for class_id, number in used.items()}
