"""Error messages for a data set that is not found: what to do."""

import dataclasses
import json
import os
import re
import shlex
from collections.abc import Sequence

from deepi2i_tf.data.prepared.prepared_data import PreparedData
from deepi2i_tf.utils.errors import UserError

PREPARED_HERE = (
    "creatures",
    "glyphs",
    "image_folder",
    "animal_faces",
    "uecfood256",
    "nabirds",
    "biggan_hdf5",
)
_CREATURES = re.compile(r"r\d+_c(\d+)_n(\d+)_s(\d+)(_f\d+)?(_paired)?")
_RAW = {
    "glyphs": "<folder of fonts>",
    "image_folder": "<folder of class folders>",
    "biggan_hdf5": "<folder of the HDF5 file>",
}


def prepare_command(
    data_dir: str, dataset: str, resolution: int, data_config: str = ""
) -> str:
    """The shell command that prepares a data set.

    `<...>` stands for what only the user knows. A set that is none of
    `PREPARED_HERE` may be one that TFDS knows.
    """
    if dataset not in PREPARED_HERE:
        return _tfds_command(data_dir, dataset, data_config)
    command = (
        f"python -m data_prep.prepare --dataset={dataset} "
        f"--resolution={resolution} --data_dir={shlex.quote(data_dir)}"
    )
    if dataset != "creatures":
        raw = _RAW.get(dataset, "<folder of the raw images>")
        return f"{command} --manual_dir={raw}"
    requested = _CREATURES.fullmatch(data_config)
    if requested:
        flags = ("num_classes", "num_images", "seed")
        for flag, value in zip(flags, requested.groups()[:3], strict=True):
            command += f" --{flag}={value}"
        first, paired = requested.groups()[3:]
        command += f" --first_class={first[2:]}" if first else ""
        command += " --paired_test" if paired else ""
    return command


def _tfds_command(data_dir: str, dataset: str, data_config: str) -> str:
    """Without the program `tfds`, which needs more than TFDS brings along."""
    name = f"{dataset}/{data_config}" if data_config else dataset
    code = (
        "import tensorflow_datasets as tfds; "
        f"tfds.load({json.dumps(name)}, data_dir={json.dumps(data_dir)})"
    )
    return f"python -c {shlex.quote(code)}"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """The data set that a run asks for; see `find_prepared`."""

    data_dir: str
    dataset: str
    resolution: int
    data_config: str = ""
    data_source: str = ""

    def __str__(self) -> str:
        name = f" {self.dataset}" if self.dataset else ""
        message = f"prepared data set{name} at {self.resolution} px"
        if self.data_config:
            message += f" with --data_config={self.data_config}"
        return message

    def fits(self, prepared: PreparedData) -> bool:
        """Whether a data set is the wanted one."""
        return (
            self.dataset in ("", prepared.dataset)
            and self.data_config in ("", prepared.config)
            and self.resolution == prepared.resolution
        )

    @property
    def command(self) -> str:
        """Prepares it; where any will do, draws Creatures."""
        return prepare_command(
            self.data_dir,
            self.dataset or "creatures",
            self.resolution,
            self.data_config,
        )

    @property
    def preparing(self) -> str:
        """How it is prepared, as the end of a sentence."""
        if not self.dataset:
            return f"prepare one, for example with: {self.command}"
        if self.dataset in PREPARED_HERE:
            return f"prepare it with: {self.command}"
        return f"have TFDS prepare it, if it knows the name: {self.command}"


def nothing_there(wanted: Wanted, names: Sequence[str]) -> UserError:
    """The error where there is no folder, but those of other sets' `names`."""
    dataset = wanted.dataset or "<dataset>"
    path = os.path.join(wanted.data_dir, dataset, "<config>", "<version>")
    received = "nothing there"
    if names:
        received = f"only {', '.join(names)} in {wanted.data_dir}"
    fix = f"{wanted.preparing[0].upper()}{wanted.preparing[1:]}"
    source = wanted.data_source.strip()
    if re.search(r"data_prep\.prepare|tfds\.load", source):
        fix = source  # It says how to prepare the set.
    elif source:
        fix = f"{source} {fix}"
    return UserError(
        f"Expected the {wanted} in {path}. Received: {received}. {fix}"
    )


def none_fits(wanted: Wanted, found: list[PreparedData]) -> UserError:
    """The error where there are only others."""
    received = ", ".join(map(_described, found))
    return UserError(
        f"Expected the {wanted}. Received: {received}. Change --dataset, "
        "--resolution or --data_config to one of these, or "
        f"{wanted.preparing}"
    )


def several_fit(wanted: Wanted, fitting: list[PreparedData]) -> UserError:
    """The error where two or more fit."""
    received = ", ".join(map(_described, fitting))
    first = fitting[0]
    choice = f"--data_config={first.config}"
    if len({data.dataset for data in fitting}) > 1:
        choice = f"--dataset={first.dataset}"
    return UserError(
        f"Expected one {wanted}. Received: {len(fitting)} that fit: "
        f"{received}. Choose one with {choice} or another of them, or name "
        "its folder with --data_dir."
    )


def none_usable(wanted: Wanted, errors: list[UserError]) -> UserError:
    """The error where nothing that was found can be read, one or more."""
    if len(errors) == 1:
        return errors[0]
    return UserError(
        f"Expected the {wanted} in {wanted.data_dir}. Received: "
        f"{len(errors)} folders that cannot be used, first this one: "
        f"{errors[0]} Name another with --dataset, or "
        f"{wanted.preparing}"
    )


def _described(prepared: PreparedData) -> str:
    name = f"{prepared.dataset}/{prepared.config}".rstrip("/")
    if prepared.encoding == "photo":
        return f"{name} at any resolution"
    return f"{name} at {prepared.resolution} px"
