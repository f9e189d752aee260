"""Finding the prepared data set that a run asks for, and checking it."""

import hashlib
import os
import re
import shlex

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data.prepared import (
    MANIFEST,
    SPLITS,
    PreparedData,
    check_shards,
    damaged,
    read_manifest,
)
from deepi2i_tf.errors import Refusal

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_CREATURES = re.compile(r"r\d+_c(\d+)_n(\d+)_s(\d+)")


def prepare_command(
    data_dir: str, dataset: str, resolution: int, data_config: str = ""
) -> str:
    """The shell command that prepares a data set.

    Args:
        data_dir: folder that is to hold the data set.
        dataset: name of the data set.
        resolution: side of the images, in pixels.
        data_config: name of the TFDS config, or empty.

    Returns:
        The command; `<...>` stands for what only the user knows.
    """
    command = (
        f"python -m data_prep.prepare --dataset={dataset} "
        f"--resolution={resolution} --data_dir={shlex.quote(data_dir)}"
    )
    if dataset != "creatures":
        return f"{command} --manual_dir=<folder of class folders>"
    asked = _CREATURES.fullmatch(data_config)
    if asked:
        flags = ("num_classes", "num_images", "seed")
        for flag, value in zip(flags, asked.groups(), strict=True):
            command += f" --{flag}={value}"
    return command


def find_configured(data: DataConfig, resolution: int) -> PreparedData:
    """Finds the prepared data set of a configuration; see `find_prepared`.

    Args:
        data: which data set, and where.
        resolution: side of its images, in pixels.

    Returns:
        The data set.

    Raises:
        Refusal: nothing fits, more than one fits, or what fits is damaged.
    """
    return find_prepared(
        data.data_dir,
        data.dataset,
        resolution,
        data.data_config,
        data.data_source,
    )


def find_prepared(
    data_dir: str,
    dataset: str,
    resolution: int,
    data_config: str = "",
    data_source: str = "",
) -> PreparedData:
    """Finds the one prepared data set that fits, and checks its shards.

    Args:
        data_dir: folder that holds `<dataset>/<config>/<version>/`, or that
            prepared folder itself.
        dataset: name of the data set.
        resolution: side of the images, in pixels.
        data_config: name of the TFDS config; empty takes the only one of
            the asked resolution. Of several versions the newest counts.
        data_source: a sentence on where the raw images come from, printed
            when nothing is found.

    Returns:
        The data set. Names, sizes and counts of its shards are checked;
        `verify` also checks their contents.

    Raises:
        Refusal: nothing fits, more than one fits, or what fits is damaged.
    """
    command = prepare_command(data_dir, dataset, resolution, data_config)
    folders = _version_folders(data_dir, dataset)
    if not folders:
        place = os.path.join(data_dir, dataset, "<config>", "<version>")
        raise Refusal(
            f"Expected the prepared data set {dataset} at {resolution} px in "
            f"{place}. Received: nothing there. "
            f"{_remedy(data_source.strip(), command)}"
        )
    found = _read_whole(folders, command)
    prepared = _only_fitting(found, dataset, resolution, data_config, command)
    check_shards(prepared)
    return prepared


def _remedy(data_source: str, command: str) -> str:
    """How the set is prepared; a source that says so needs no more."""
    if "data_prep.prepare" in data_source:
        return data_source
    return f"{data_source} Prepare it with: {command}".strip()


def _read_whole(folders: list[str], command: str) -> list[PreparedData]:
    whole = [
        folder
        for folder in folders
        if os.path.isfile(os.path.join(folder, MANIFEST))
    ]
    if not whole:
        raise Refusal(
            f"Expected {MANIFEST} in {folders[0]}. Received: a folder without "
            "it, left by a preparation that did not finish. Delete that "
            f"folder and prepare it again: {command}"
        )
    return [read_manifest(folder) for folder in whole]


def _only_fitting(
    found: list[PreparedData],
    dataset: str,
    resolution: int,
    data_config: str,
    command: str,
) -> PreparedData:
    fitting = [
        data
        for data in found
        if (data.dataset, data.resolution) == (dataset, resolution)
        and data_config in ("", data.config)
    ]
    asked = f"{dataset} at {resolution} px"
    if data_config:
        asked += f" with --data_config={data_config}"
    if not fitting:
        there = ", ".join(
            f"{data.dataset}/{data.config} at {data.resolution} px"
            for data in found
        )
        raise Refusal(
            f"Expected the prepared data set {asked}. Received: {there}. "
            "Change --dataset, --resolution or --data_config to one of these, "
            f"or prepare it with: {command}"
        )
    if len(fitting) > 1:
        configs = ", ".join(data.config for data in fitting)
        raise Refusal(
            f"Expected one prepared data set {asked}. Received: "
            f"{len(fitting)} that fit: {configs}. Choose one with "
            f"--data_config={fitting[0].config} or another of them."
        )
    return fitting[0]


def _version_folders(data_dir: str, dataset: str) -> list[str]:
    for name in (MANIFEST, "dataset_info.json"):
        if os.path.isfile(os.path.join(data_dir, name)):
            return [data_dir]
    return _newest_versions(os.path.join(data_dir, dataset))


def _newest_versions(root: str) -> list[str]:
    newest = []
    for config in _subfolders(root):
        versions = [
            version
            for version in _subfolders(os.path.join(root, config))
            if _VERSION.fullmatch(version)
        ]
        if versions:
            latest = max(versions, key=lambda v: [*map(int, v.split("."))])
            newest.append(os.path.join(root, config, latest))
    return newest


def _subfolders(path: str) -> list[str]:
    if not os.path.isdir(path):
        return []
    return sorted(entry.name for entry in os.scandir(path) if entry.is_dir())


def verify(prepared: PreparedData) -> None:
    """Compares every shard's sha256 with the manifest; reads every byte.

    Args:
        prepared: a data set that `find_prepared` found.

    Raises:
        Refusal: a shard differs from what was prepared.
    """
    for split in SPLITS:
        for shard in prepared.shards[split]:
            path = os.path.join(prepared.path, shard.file)
            with open(path, "rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            if sha256 != shard.sha256:
                raise damaged(
                    prepared, shard, f"sha256 {sha256}, not {shard.sha256}"
                )


def check_num_classes(prepared: PreparedData, num_classes: int) -> int:
    """Settles the number of classes between the flags and the data.

    Args:
        prepared: the data set.
        num_classes: what was asked for; 0 takes what the data set has.

    Returns:
        The number of classes of the data set, at least 2.

    Raises:
        Refusal: another number was asked for, or there is one class only.
    """
    if prepared.num_classes < 2:
        raise Refusal(
            f"Expected at least two classes in {prepared.path}. Received: "
            f"{prepared.num_classes} ({', '.join(prepared.class_names)}). "
            "Prepare a data set of more classes to translate between."
        )
    if num_classes not in (0, prepared.num_classes):
        raise Refusal(
            f"Expected --num_classes to be the {prepared.num_classes} classes "
            f"of {prepared.path}. Received: num_classes={num_classes}. Leave "
            "the flag out, or prepare a data set of that many classes."
        )
    return prepared.num_classes
