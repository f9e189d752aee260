"""What to do where the data set that a run asks for is not found."""

import dataclasses
import json
import os
import re
import shlex

from deepi2i_tf.data.folders import dataset_names
from deepi2i_tf.data.prepared import PreparedData
from deepi2i_tf.utils.errors import UserError

PREPARED_HERE = (
    "creatures",
    "image_folder",
    "animal_faces",
    "uecfood256",
    "nabirds",
    "biggan_hdf5",
)
_CREATURES = re.compile(r"r\d+_c(\d+)_n(\d+)_s(\d+)")
_RAW = {
    "image_folder": "<folder of class folders>",
    "biggan_hdf5": "<folder of the HDF5 file>",
}


def prepare_command(
    data_dir: str, dataset: str, resolution: int, data_config: str = ""
) -> str:
    """The shell command that prepares a data set.

    Args:
        data_dir: folder that is to hold the data set.
        dataset: name of the data set: one of `PREPARED_HERE`, or else one
            that TFDS may know.
        resolution: side of the images, in pixels.
        data_config: name of the TFDS config, or empty.

    Returns:
        The command; `<...>` stands for what only the user knows.
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
        for flag, value in zip(flags, requested.groups(), strict=True):
            command += f" --{flag}={value}"
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
    """The data set that a run asks for.

    Args:
        data_dir: folder that holds `<dataset>/[<config>/]<version>/`, or that
            last folder itself.
        dataset: name of the data set; empty is any.
        resolution: side of the run's images, in pixels.
        data_config: name of the TFDS config; empty is any.
        data_source: a sentence on where the raw images come from.
    """

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
        """Whether a data set is what is asked for."""
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


def nothing_there(wanted: Wanted) -> UserError:
    """The refusal where no folder of that name is found, to be raised."""
    dataset = wanted.dataset or "<dataset>"
    place = os.path.join(wanted.data_dir, dataset, "<config>", "<version>")
    others = ", ".join(dataset_names(wanted.data_dir))
    there = f"only {others} in {wanted.data_dir}" if others else "nothing there"
    remedy = f"{wanted.preparing[0].upper()}{wanted.preparing[1:]}"
    source = wanted.data_source.strip()
    if re.search(r"data_prep\.prepare|tfds\.load", source):
        remedy = source  # It says how to prepare the set.
    elif source:
        remedy = f"{source} {remedy}"
    return UserError(
        f"Expected the {wanted} in {place}. Received: {there}. {remedy}"
    )


def none_fits(wanted: Wanted, found: list[PreparedData]) -> UserError:
    """The refusal where there are only others, to be raised.

    Args:
        wanted: what is asked for.
        found: what is there.
    """
    there = ", ".join(map(_told, found))
    return UserError(
        f"Expected the {wanted}. Received: {there}. Change --dataset, "
        "--resolution or --data_config to one of these, or "
        f"{wanted.preparing}"
    )


def several_fit(wanted: Wanted, fitting: list[PreparedData]) -> UserError:
    """The refusal where the choice is not clear, to be raised.

    Args:
        wanted: what is asked for.
        fitting: what is there and fits, two or more.
    """
    there = ", ".join(map(_told, fitting))
    first = fitting[0]
    choice = f"--data_config={first.config}"
    if len({data.dataset for data in fitting}) > 1:
        choice = f"--dataset={first.dataset}"
    return UserError(
        f"Expected one {wanted}. Received: {len(fitting)} that fit: {there}. "
        f"Choose one with {choice} or another of them, or name its folder with "
        "--data_dir."
    )


def none_usable(wanted: Wanted, refusals: list[UserError]) -> UserError:
    """The refusal where nothing that was found can be read, to be raised.

    Args:
        wanted: what is asked for.
        refusals: why each of them cannot, one or more.
    """
    if len(refusals) == 1:
        return refusals[0]
    return UserError(
        f"Expected the {wanted} in {wanted.data_dir}. Received: "
        f"{len(refusals)} folders that cannot be used, first this one: "
        f"{refusals[0]} Name another with --dataset, or "
        f"{wanted.preparing}"
    )


def _told(prepared: PreparedData) -> str:
    name = f"{prepared.dataset}/{prepared.config}".rstrip("/")
    if prepared.encoding == "photo":
        return f"{name} at any resolution"
    return f"{name} at {prepared.resolution} px"
