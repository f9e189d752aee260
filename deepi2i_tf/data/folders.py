"""Folders of prepared data sets: where they are, and reading one.

Below a data_dir lie `<dataset>/<config>/<version>/`, or `<dataset>/<version>/`
where TFDS wrote a set without configs.
"""

import os
import re

from deepi2i_tf.data.prepared import (
    INFO,
    MANIFEST,
    PreparedData,
    read_json,
    read_manifest,
)
from deepi2i_tf.data.tfds_folder import read_tfds_folder
from deepi2i_tf.utils.errors import UserError

_VERSION = re.compile(r"\d+\.\d+\.\d+")


def version_folders(data_dir: str, dataset: str) -> list[str]:
    """Folders that may hold what is asked for.

    Args:
        data_dir: folder that holds `<dataset>/[<config>/]<version>/`, or that
            last folder itself.
        dataset: name of the data set; empty looks at all of them.

    Returns:
        `data_dir` itself where it is one, else the newest version of every
        config, sorted.
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
        versions = [
            version
            for version in _subfolders(parent)
            if _VERSION.fullmatch(version)
        ]
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


def read_folder(path: str, resolution: int, command: str = "") -> PreparedData:
    """Reads what a folder of one version says of itself.

    Args:
        path: the folder.
        resolution: side of the run's images, in pixels; photos are brought to
            it, and other sets have their own.
        command: prepares what is asked for, where that is known.

    Returns:
        The data set; `check_shards` comes next.

    Raises:
        UserError: it is unfinished, unreadable, or no set of labelled images.
    """
    if os.path.isfile(os.path.join(path, MANIFEST)):
        return read_manifest(path)
    if not _is_written_by_tfds(path):
        raise UserError(
            f"Expected {MANIFEST} in {path}. Received: a folder without it, "
            "left by a preparation that did not finish. Delete that folder "
            f"and prepare it again{f': {command}' if command else '.'}"
        )
    return read_tfds_folder(path, resolution)


def _is_written_by_tfds(path: str) -> bool:
    """Whether the folder is whole as it is, without a manifest of ours."""
    if not os.path.isfile(os.path.join(path, INFO)):
        return False
    # TFDS writes this file last, and only data_prep adds a manifest.
    module = read_json(path, INFO).get("moduleName", "")
    return not str(module).startswith("data_prep.")
