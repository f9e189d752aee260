"""The run directory of a converted checkpoint, whole or absent.

It reads like one that training wrote. `conversion.json` marks it, and says
what was used of which file; only a directory that has one is ever replaced.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deepi2i_tf.config import Config
from deepi2i_tf.runs.checkpoints import Checkpoints
from deepi2i_tf.runs.layout import (
    CHECKPOINTS_FOLDER,
    CONFIG_FILE,
    CONVERSION_FILE,
    DATA_FILE,
    VERSIONS_FILE,
)
from deepi2i_tf.runs.provenance import software_versions
from deepi2i_tf.utils import atomic_files
from deepi2i_tf.utils.errors import UserError

_IMAGENET_CLASSES = 1000


def check_output(output: str, overwrite: bool) -> None:
    """Refuses a path in use, before anything slow is done.

    Args:
        output: folder to be made.
        overwrite: replace one that this command made earlier.

    Raises:
        UserError: the path is in use.
    """
    path = Path(output)
    if not os.path.lexists(path):
        return
    ours = (path / CONVERSION_FILE).is_file()
    if path.is_dir() and (not any(path.iterdir()) or (ours and overwrite)):
        return
    what = "an earlier conversion" if ours else "something else"
    fix = "add --overwrite or choose another" if ours else "choose another"
    raise UserError(
        f"Expected a new folder. Received: {output}, which is {what}. "
        f"{fix[0].upper()}{fix[1:]}."
    )


def class_names(
    path: str, num_classes: int
) -> tuple[tuple[str, ...], list[str]]:
    """The classes' names, of a file or made up.

    Args:
        path: a file with a name on each line; empty makes names up.
        num_classes: classes of the checkpoint.

    Returns:
        (names, lines to tell).

    Raises:
        UserError: the file cannot be read, or has other than `num_classes`
            different names.
    """
    if not path:
        return _made_up_names(num_classes)
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"Expected --class_names to be a text file. Received: {path} "
            f"({error}). Check the path."
        ) from error
    names = [line.strip() for line in text.splitlines() if line.strip()]
    if len(set(names)) != num_classes or len(names) != num_classes:
        raise UserError(
            f"Expected {num_classes} different names in {path}, one of each "
            f"class. Received: {len(names)}, {len(set(names))} of them "
            "different. Give one line per class."
        )
    return tuple(names), []


def _made_up_names(num_classes: int) -> tuple[tuple[str, ...], list[str]]:
    said = [f"Classes have no names: class_0000 to {num_classes - 1:04d}."]
    if num_classes == _IMAGENET_CLASSES:
        said.append(
            "1000 classes are ImageNet's, if this is BigGAN's checkpoint, "
            "in the order of the synsets (n01440764 is class_0000); "
            "--class_names names them."
        )
    return tuple(f"class_{i:04d}" for i in range(num_classes)), said


def write(
    output: str,
    config: Config,
    names: Sequence[str],
    items: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> None:
    """Writes the run directory.

    Args:
        output: where it is to stand; `check_output` was asked.
        config: its configuration.
        names: its class names.
        items: what its checkpoint of step 0 holds.
        facts: plain values for `conversion.json`.

    Raises:
        UserError: the disk is full or not writable.
    """
    # The keys of `run_identity.data_facts`.
    data = {
        "path": os.path.abspath(facts["source"]),
        **dict.fromkeys(("dataset", "config", "version"), ""),
        "resolution": config.network.resolution,
        "class_names": list(names),
        "num_examples": {},
        "shards_sha256": "",
    }
    final = Path(os.path.abspath(output))
    with (
        atomic_files.explain_disk_errors(final, "Nothing was converted."),
        atomic_files.atomic_directory(final) as run,
    ):
        Checkpoints(run / CHECKPOINTS_FOLDER, dict(items), keep=1).save(0, {})
        atomic_files.write_json(run / CONVERSION_FILE, dict(facts))
        atomic_files.write_json(run / VERSIONS_FILE, software_versions())
        atomic_files.write_json(run / DATA_FILE, data)
        atomic_files.write_text(run / CONFIG_FILE, config.to_json())
