"""Which animal faces there are, from FUNIT's coordinates or its crops.

FUNIT (arXiv 1905.01723) ships the coordinates of the faces in ImageNet's
photos and a script that cuts them out. Its script calls the four numbers x, y,
w, h, but hands them to Pillow as corners, and corners they are. A face is
named for its photo and its corners, so both ways give the same names.
"""

import os
import pathlib
import re
from collections.abc import Collection

from data_prep.pictures.boxed_photos import BoxedPhoto
from data_prep.pictures.raw_files import (
    FOUR_NUMBERS,
    describe_folder,
    read_rows,
    read_table,
)
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import printable_path
from deepi2i_tf.utils.picture_files import (
    is_of_another_kind,
    is_system_entry,
    tell_passed_over,
)

COORDINATES = "animalface_coordinates.txt"
# Where ImageNet's training photos lie; the second as Kaggle packs them.
_PLACES = ("train", "ILSVRC/Data/CLS-LOC/train", ".")
_SYNSET = r"n[0-9]+"
_PHOTO = rf"{_SYNSET}_[0-9]+"
_FACE = rf"({_SYNSET})/({_PHOTO})\.JPEG{FOUR_NUMBERS}"
# FUNIT's script leaves the photo's ending in the middle of the name.
_CROP = re.compile(
    rf"({_PHOTO})(?:\.JPEG)?" + "_(-?[0-9]+)" * 4 + r"\.jpe?g", re.IGNORECASE
)


def _face(
    synset: str,
    photo: str,
    corners: tuple[int, ...],
    path: pathlib.Path,
    box: tuple[int, ...] | None,
) -> BoxedPhoto:
    message = "_".join(map(str, corners))
    return BoxedPhoto(
        id=f"{synset}/{photo}_{message}",
        class_id=synset,
        photo=f"{synset}/{photo}",
        path=path,
        box=box,
    )


def _synset_folders(root: pathlib.Path) -> list[str]:
    if not root.is_dir():
        return []
    with os.scandir(root) as entries:
        return sorted(
            entry.name
            for entry in entries
            if re.fullmatch(_SYNSET, entry.name) and entry.is_dir()
        )


def list_coordinates(root: pathlib.Path) -> list[BoxedPhoto]:
    """Returns the faces that FUNIT's file of coordinates names.

    Args:
        root: holds the file, and ImageNet's `train/<synset>/` or the synsets'
            folders.

    Raises:
        UserError: a line is malformed, or no synset has a folder.
    """
    rows = read_rows(
        root / COORDINATES, _FACE, "<synset>/<synset>_<n>.JPEG x1 y1 x2 y2"
    )
    synsets = {synset for synset, *_ in rows}
    for place in _PLACES:
        if synsets.intersection(_synset_folders(root / place)):
            photos = root / place
            break
    else:
        raise UserError(
            f"Expected ImageNet's photos in {root / 'train'} or {root}, a "
            f"folder per synset such as {min(synsets)}. Received: "
            f"{describe_folder(root)}. Unpack them there, beside "
            f"{COORDINATES}."
        )
    faces = []
    for synset, photo, *numbers in rows:
        corners = tuple(map(int, numbers))
        path = photos / synset / f"{photo}.JPEG"
        faces.append(_face(synset, photo, corners, path, corners))
    return faces


def list_crops(
    root: pathlib.Path,
) -> tuple[list[BoxedPhoto], list[tuple[str, str]]]:
    """Returns the faces of a tree that FUNIT's script cut.

    Args:
        root: holds folders `<synset>/` of
            `<synset>_<n>[.JPEG]_<x1>_<y1>_<x2>_<y2>.jpg`.

    Returns:
        Faces, and (name, reason) of files that are none.

    Raises:
        UserError: there are no such folders or no such files.
    """
    faces, refused, others = [], [], []
    for synset in _synset_folders(root):
        for name in sorted(os.listdir(root / synset)):
            if is_system_entry(name):
                continue
            match = _CROP.fullmatch(name)
            if match:
                photo, *numbers = match.groups()
                corners = tuple(map(int, numbers))
                path = root / synset / name
                faces.append(_face(synset, photo, corners, path, None))
            elif is_of_another_kind(name):
                others.append(name)
            else:
                reason = "no corners in the name"
                refused.append((f"{synset}/{printable_path(name)}", reason))
    tell_passed_over(root, others)
    if not faces:
        seen = refused[0][0] if refused else describe_folder(root)
        raise UserError(
            f"Expected {COORDINATES} beside train/<synset>/, or crops "
            f"<synset>/<synset>_<n>_<x1>_<y1>_<x2>_<y2>.jpg, in {root}. "
            f"Received: {seen}. Put one of them there; FUNIT has the file."
        )
    return faces, refused


def read_names(path: pathlib.Path, synsets: Collection[str]) -> dict[str, str]:
    """Returns the first of each synset's names.

    Args:
        path: of ImageNet's `LOC_synset_mapping.txt` or `synset_words.txt`,
            lines `<synset> <name>, <other name>, ...`.
        synsets: that are to be named.

    Raises:
        UserError: the file cannot be read, or lacks one of them.
    """
    shape = "<synset> <name>, <other name>, ..."
    table = read_table(path, rf"({_SYNSET})\s+(.+)", shape)
    lacking = sorted(set(synsets) - table.keys())
    if lacking:
        raise UserError(
            f"Expected {path} to name all {len(synsets)} classes. Received: "
            f"no name of {lacking[0]}, {len(lacking)} missing in all. Give "
            "ImageNet's LOC_synset_mapping.txt or synset_words.txt."
        )
    return {synset: table[synset][0].split(",")[0] for synset in synsets}
