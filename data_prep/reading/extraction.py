"""Takes pictures out of a prepared data set, as files for people and tools."""

import os
import pathlib
import re
from typing import Any

import numpy as np

from data_prep.reading.inspection import find_folders
from data_prep.reading.manifest import read_manifest
from data_prep.reading.records import image_of, label_of, read_examples
from deepi2i_tf.utils.atomic_files import explain_disk_errors
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.image_grid import save_png
from deepi2i_tf.utils.names import shortened


def find_one(data_dir: str, dataset: str, config: str) -> pathlib.Path:
    """Returns the one prepared folder that fits.

    Raises:
        UserError: there is none, or more than one.
    """
    folders = find_folders(data_dir, dataset, config)
    if len(folders) > 1:
        found = ", ".join(folder.parent.name for folder in folders)
        raise UserError(
            f"Expected one prepared data set in {data_dir}. Received: {found}. "
            "Choose with --dataset and --config."
        )
    return folders[0]


def extract(
    folder: pathlib.Path,
    split: str,
    num: int,
    output: str,
    overwrite: bool = False,
) -> list[str]:
    """Writes the first pictures of a split, the classes taking turns.

    Args:
        folder: `<data_dir>/<dataset>/<config>/<version>`.
        split: `"train"` or `"test"`.
        num: how many.
        output: folder of the files `<number>-<class>.png`; made if missing.
        overwrite: replace what is there of these names.

    Returns:
        The names of the files, in order.

    Raises:
        UserError: too few pictures, a damaged shard, or a file in the way.
    """
    manifest = read_manifest(folder)
    held = manifest["splits"][split]["num_examples"]
    if held < num:
        raise UserError(
            f"Expected {num} pictures in the {split} split of {folder}. "
            f"Received: {held}. Lower --num."
        )
    turns = _take_turns(folder, manifest, split, num)
    files = [f"{at:02d}-{_safe(it[0])}.png" for at, it in enumerate(turns)]
    paths = [os.path.join(output, file) for file in files]
    if not overwrite:
        _check_new(paths)
    kept = "Those before it are there."
    for path, (_, image) in zip(paths, turns, strict=True):
        with explain_disk_errors(path, kept, "choose another --output"):
            save_png(image, path)
    return files


def _safe(name: str) -> str:
    return shortened(re.sub("[^-_.A-Za-z0-9]", "_", name), 100)


def _check_new(paths: list[str]) -> None:
    existing = [path for path in paths if os.path.lexists(path)]
    if existing:
        raise UserError(
            f"Expected --output to be new. Received: {existing[0]}, which "
            "exists. Choose another or add --overwrite."
        )


def _take_turns(
    folder: pathlib.Path, manifest: dict[str, Any], split: str, num: int
) -> list[tuple[str, np.ndarray]]:
    by_class: list[list] = [[] for _ in manifest["class_names"]]
    for example in read_examples(folder, manifest, split):
        if len(by_class[label_of(example)]) < num:
            by_class[label_of(example)].append(image_of(example, manifest))
    turns = [
        (name, images[turn])
        for turn in range(num)
        for name, images in zip(manifest["class_names"], by_class, strict=True)
        if turn < len(images)
    ]
    return turns[:num]
