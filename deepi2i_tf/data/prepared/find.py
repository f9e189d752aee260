"""Finds the prepared data set that a run asks for.

Below a data_dir lie `<dataset>/<config>/<version>/`, or `<dataset>/<version>/`
where TFDS wrote a set without configs.
"""

import os
import re

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data.prepared.class_subset import without_classes
from deepi2i_tf.data.prepared.not_found_errors import (
    Wanted,
    none_fits,
    none_usable,
    nothing_there,
    several_fit,
)
from deepi2i_tf.data.prepared.prepared_data import (
    INFO,
    PreparedData,
    check_shards,
    read_json,
    read_manifest,
)
from deepi2i_tf.data.prepared.tfds_folder import read_tfds_folder
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import require_text
from deepi2i_tf.utils.prepared_layout import MANIFEST

_VERSION = re.compile(r"\d+\.\d+\.\d+")


def find_configured(data: DataConfig, resolution: int) -> PreparedData:
    """Finds the data set of a configuration, without its held-out classes.

    Raises:
        UserError: as `find_prepared`, or there is no class of a name that is
            held out.
    """
    prepared = find_prepared(
        data.data_dir,
        data.dataset,
        resolution,
        data.data_config,
        data.data_source,
    )
    return without_classes(prepared, data.held_out_classes)


def find_prepared(
    data_dir: str,
    dataset: str,
    resolution: int,
    data_config: str = "",
    data_source: str = "",
) -> PreparedData:
    """Finds the one prepared data set that fits, and checks its shards.

    Sets of `data_prep` have one resolution; sets that TFDS itself wrote are
    brought to any while they are read. Names, sizes and counts of shards are
    checked; `verify` also checks their contents.

    Args:
        data_dir: folder that holds `<dataset>/[<config>/]<version>/`, or that
            last folder itself; `~` is the home folder.
        dataset: name of the data set; empty takes the only one that fits.
        resolution: height and width of the images, in pixels.
        data_config: name of the TFDS config; empty takes the only one that
            fits. Of several versions the newest counts.
        data_source: where the raw images come from; told when nothing is found.

    Raises:
        UserError: nothing fits, more than one fits, or what fits is damaged.
    """
    data_dir = os.path.expanduser(data_dir)
    wanted = Wanted(data_dir, dataset, resolution, data_config, data_source)
    folders = version_folders(data_dir, dataset)
    if not folders:
        raise nothing_there(wanted, dataset_names(data_dir))
    found, errors = _read_all(folders, wanted)
    fitting = [prepared for prepared in found if wanted.fits(prepared)]
    if not found:
        raise none_usable(wanted, errors)
    if not fitting:
        raise none_fits(wanted, found)
    if len(fitting) > 1:
        raise several_fit(wanted, fitting)
    check_shards(fitting[0])
    return fitting[0]


def _read_all(
    folders: list[str], wanted: Wanted
) -> tuple[list[PreparedData], list[UserError]]:
    """Reads what can be read: a faulty folder does others no harm."""
    command = wanted.command if wanted.dataset else ""
    found, errors = [], []
    for folder in folders:
        try:
            found.append(read_folder(folder, wanted.resolution, command))
        except UserError as error:
            errors.append(error)
    return found, errors


def read_folder(path: str, resolution: int, command: str = "") -> PreparedData:
    """Reads the description of one version; `check_shards` comes next.

    Args:
        path: the folder.
        resolution: height and width of the run's images, in pixels; photos
            are brought to it, and other sets have their own.
        command: prepares what is wanted, where that is known.

    Raises:
        UserError: it is unfinished, unreadable, or no set of labelled images.
    """
    require_text(path)
    if os.path.isfile(os.path.join(path, MANIFEST)):
        return read_manifest(path)
    if _is_written_by_tfds(path):
        return read_tfds_folder(path, resolution)
    raise UserError(
        f"Expected {MANIFEST} in {path}. Received: a folder without it, "
        "left by a preparation that did not finish. Delete that folder "
        f"and prepare it again{f': {command}' if command else '.'}"
    )


def _is_written_by_tfds(path: str) -> bool:
    """Whether the folder is whole as it is, without a manifest of ours."""
    if not os.path.isfile(os.path.join(path, INFO)):
        return False
    # TFDS writes this file last, and only data_prep adds a manifest.
    module = read_json(path, INFO).get("moduleName", "")
    return not str(module).startswith("data_prep.")


def version_folders(data_dir: str, dataset: str) -> list[str]:
    """`data_dir` if it holds a set, else every config's newest version, sorted.

    Those of `dataset` only, if it is not empty.
    """
    for name in (MANIFEST, INFO):
        if os.path.isfile(os.path.join(data_dir, name)):
            return [data_dir]
    names = [dataset] if dataset else _subfolders(data_dir)
    return [
        folder
        for name in names
        for folder in _newest_versions(os.path.join(data_dir, name))
    ]


def dataset_names(data_dir: str) -> list[str]:
    """Names of the data sets below `data_dir`, sorted."""
    return [
        name
        for name in _subfolders(data_dir)
        if _newest_versions(os.path.join(data_dir, name))
    ]


def _newest_versions(root: str) -> list[str]:
    newest = []
    for parent in (root, *(os.path.join(root, c) for c in _subfolders(root))):
        versions = list(filter(_VERSION.fullmatch, _subfolders(parent)))
        if versions:
            latest = max(versions, key=lambda v: [*map(int, v.split("."))])
            newest.append(os.path.join(parent, latest))
    return newest


def _subfolders(path: str) -> list[str]:
    """Names of the folders that are not hidden; work in progress is."""
    try:
        entries = list(os.scandir(path))
    except OSError:  # no folder, or not ours to read
        return []
    return sorted(
        entry.name
        for entry in entries
        if entry.is_dir() and not entry.name.startswith(".")
    )


def check_num_classes(prepared: PreparedData, num_classes: int) -> int:
    """The number of classes of a data set, at least 2.

    Raises:
        UserError: `num_classes` is another number and not 0, or there is one
            class only.
    """
    if prepared.num_classes < 2:
        raise UserError(
            f"Expected at least two classes in {prepared.path}. Received: "
            f"{prepared.num_classes} ({', '.join(prepared.class_names)}). "
            "Prepare a data set of more classes to translate between."
        )
    if num_classes not in (0, prepared.num_classes):
        raise UserError(
            f"Expected --num_classes to be the {prepared.num_classes} classes "
            f"of {prepared.path}. Received: num_classes={num_classes}. Leave "
            "the flag out, or prepare a data set of that many classes."
        )
    return prepared.num_classes
