"""Finding the prepared data set that a run asks for, and checking it."""

import hashlib
import os

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data.class_subset import without_classes
from deepi2i_tf.data.integrity import find_damage
from deepi2i_tf.data.folders import read_folder, version_folders
from deepi2i_tf.data.prepared import (
    SPLITS,
    PreparedData,
    check_shards,
    damaged,
)
from deepi2i_tf.data.not_found_errors import (Wanted, none_fits, none_usable, nothing_there, several_fit,)
from deepi2i_tf.utils.errors import UserError


def find_configured(data: DataConfig, resolution: int) -> PreparedData:
    """Finds the prepared data set of a configuration; see `find_prepared`.

    Args:
        data: which data set, and where.
        resolution: side of its images, in pixels.

    Returns:
        The data set, without the classes that are held out.

    Raises:
        UserError: nothing fits, more than one fits, what fits is damaged, or
            there is no class of a name that is held out.
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
    brought to any while they are read.

    Args:
        data_dir: folder that holds `<dataset>/[<config>/]<version>/`, or that
            last folder itself; `~` is the home folder.
        dataset: name of the data set; empty takes the only one that fits.
        resolution: side of the images, in pixels.
        data_config: name of the TFDS config; empty takes the only one that
            fits. Of several versions the newest counts.
        data_source: a sentence on where the raw images come from, printed
            when nothing is found.

    Returns:
        The data set. Names, sizes and counts of its shards are checked;
        `verify` also checks their contents.

    Raises:
        UserError: nothing fits, more than one fits, or what fits is damaged.
    """
    data_dir = os.path.expanduser(data_dir)
    wanted = Wanted(data_dir, dataset, resolution, data_config, data_source)
    folders = version_folders(data_dir, dataset)
    if not folders:
        raise nothing_there(wanted)
    prepared = _only_fitting(folders, wanted)
    check_shards(prepared)
    return prepared


def _only_fitting(folders: list[str], wanted: Wanted) -> PreparedData:
    found, refusals = _read_all(folders, wanted)
    if not found:
        raise none_usable(wanted, refusals)
    fitting = [prepared for prepared in found if wanted.fits(prepared)]
    if not fitting:
        raise none_fits(wanted, found)
    if len(fitting) > 1:
        raise several_fit(wanted, fitting)
    return fitting[0]


def _read_all(
    folders: list[str], wanted: Wanted
) -> tuple[list[PreparedData], list[UserError]]:
    """Reads what can be read; what is wrong with one does others no harm."""
    command = wanted.command if wanted.dataset else ""
    found, refusals = [], []
    for folder in folders:
        try:
            found.append(read_folder(folder, wanted.resolution, command))
        except UserError as refusal:
            refusals.append(refusal)
    return found, refusals


def verify(prepared: PreparedData) -> None:
    """Compares every shard's sha256 with the manifest; reads every byte.

    TFDS writes no checksums down: every record of its sets is decoded.

    Args:
        prepared: a data set that `find_prepared` found.

    Raises:
        UserError: a shard differs from what was prepared, or cannot be decoded.
    """
    if prepared.encoding == "photo":
        damage = find_damage(prepared)
        if damage is not None:
            raise damage
        return
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
        UserError: another number was asked for, or there is one class only.
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
