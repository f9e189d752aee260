"""A prepared data set as its manifest describes it: shards, counts, classes.

`manifest.json` is written last by `data_prep`, so a folder that has one is
whole. Its names, sizes and counts are compared with the shards whenever it is
read (cheap: no shard is opened), because TensorFlow reads an empty shard as
zero examples without a word. `tfds_folder` makes the same of a folder that
TFDS wrote and that has no manifest.
"""

import dataclasses
import json
import os
from typing import Any

import numpy as np

from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import CROP, Fit
from deepi2i_tf.utils.prepared_layout import FORMAT, MANIFEST

INFO = "dataset_info.json"
FEATURES = "features.json"
SPLITS = ("train", "test")


@dataclasses.dataclass(frozen=True)
class Shard:
    """One TFRecord file.

    Args:
        file: name inside the prepared folder.
        num_examples: records in it.
        num_bytes: its size.
        sha256: its checksum, hexadecimal; empty where none is stored.
        run_offsets: first byte of every 64th record
            (`record_blocks.BLOCK_LENGTH`); empty where none is stored.
    """

    file: str
    num_examples: int
    num_bytes: int
    sha256: str
    run_offsets: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class PreparedData:
    """A prepared data set that was found whole.

    Args:
        path: the folder `<data_dir>/<dataset>/<config>/<version>`.
        dataset: name of the TFDS data set.
        config: name of the TFDS config.
        version: version of the data set, e.g. `"1.0.0"`.
        resolution: height and width of the images, in pixels.
        class_names: one name for each label, in label order.
        features: names of the features of each record.
        num_examples: images of each split.
        shards: shards of each split, in stored order.
        encoding: how images are stored: `"raw"` pixels, `"png"`, `"jpeg"`, or
            `"photo"`: PNG or JPEG of any size, cut and resized when read.
        fit: how photos became squares, or are to, where they are stored as
            they were.
        stored_names: what features are called in the records, where that is
            not what they are called here.
        label_of: our label of each stored one, -1 of a class left out.
        chosen: bool for each stored record of a split: is it read? Empty
            where all are.
    """

    path: str
    dataset: str
    config: str
    version: str
    resolution: int
    class_names: tuple[str, ...]
    features: tuple[str, ...]
    num_examples: dict[str, int]
    shards: dict[str, tuple[Shard, ...]]
    encoding: str = "png"
    fit: Fit = CROP
    stored_names: dict[str, str] = dataclasses.field(default_factory=dict)
    label_of: tuple[int, ...] = ()
    chosen: dict[str, np.ndarray] = dataclasses.field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def num_classes(self) -> int:
        """Number of classes; labels are 0 to this minus 1."""
        return len(self.class_names)

    def shard_paths(self, split: str) -> list[str]:
        """Paths of the shards of `split`, in stored order."""
        return [
            os.path.join(self.path, shard.file) for shard in self.shards[split]
        ]

    def num_bytes(self, split: str) -> int:
        """Size of all shards of `split` together."""
        return sum(shard.num_bytes for shard in self.shards[split])

    def num_stored(self, split: str) -> int:
        """Records in the shards of `split`, read or not."""
        if self.chosen:
            return len(self.chosen[split])
        return self.num_examples[split]

    @property
    def description_file(self) -> str:
        """Name of the file in the folder that lists the shards."""
        return INFO if self.encoding == "photo" else MANIFEST

    def identity(self) -> bytes:
        """What differs between any two data sets, to make a name from."""
        with open(os.path.join(self.path, self.description_file), "rb") as file:
            message = file.read()
        # The manifest says the resolution; photos have it from the run.
        own = [*self.label_of]
        if self.encoding == "photo":
            own = [self.resolution, *filter(None, [self.fit.name]), *own]
        return message + " ".join(map(str, own)).encode()


def read_manifest(path: str) -> PreparedData:
    """Reads the manifest of a prepared folder; `check_shards` comes next.

    Raises:
        UserError: the manifest is missing, unreadable or incomplete.
    """
    manifest = read_json(path, MANIFEST)
    features = read_json(path, FEATURES)
    if manifest.get("format") != FORMAT:
        raise UserError(
            f"Expected {MANIFEST} of format {FORMAT} in {path}. Received: "
            f"format={manifest.get('format')!r}. Prepare the data set again "
            "with this version."
        )
    try:
        splits = {split: manifest["splits"][split] for split in SPLITS}
        return PreparedData(
            path=path,
            dataset=manifest["dataset"],
            config=manifest["config"],
            version=manifest["version"],
            resolution=manifest["resolution"],
            class_names=tuple(manifest["class_names"]),
            features=tuple(sorted(features["featuresDict"]["features"])),
            num_examples={
                split: splits[split]["num_examples"] for split in SPLITS
            },
            shards={
                split: tuple(Shard(**each) for each in splits[split]["shards"])
                for split in SPLITS
            },
            # Sets from before it could be chosen are PNG and do not say so.
            encoding=manifest.get("encoding", "png"),
            fit=Fit.from_dict(manifest),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(
            f"Expected a complete {MANIFEST} and features.json in {path}. "
            f"Received: one that fails at {error}. Prepare the data set again."
        ) from error


def read_json(path: str, name: str) -> dict[str, Any]:
    """The object in a JSON file of a prepared folder; raises `UserError`."""
    file = os.path.join(path, name)
    try:
        with open(file, encoding="utf-8") as stream:
            values = json.load(stream)
        if not isinstance(values, dict):
            raise ValueError(f"a {type(values).__name__}, not an object")
    except FileNotFoundError as error:
        raise UserError(
            f"Expected {name} in {path}. Received: a folder without it, left "
            "by a preparation that did not finish. Prepare it again."
        ) from error
    except (OSError, ValueError) as error:
        raise UserError(
            f"Expected {file} to be readable JSON. Received: {error}. "
            "Prepare the data set again."
        ) from error
    return values


def check_shards(prepared: PreparedData) -> None:
    """Compares names, sizes and counts of all shards with the manifest.

    No shard is opened.

    Raises:
        UserError: a shard is missing, empty or of another size.
    """
    for split in SPLITS:
        expected = prepared.num_examples[split]
        listed = sum(shard.num_examples for shard in prepared.shards[split])
        if listed != prepared.num_stored(split) or expected < 1:
            raise UserError(
                f"Expected the shards of split {split} in {prepared.path} to "
                f"hold its {expected} images, at least one. Received: "
                f"{listed} listed. Prepare the data set again."
            )
        for shard in prepared.shards[split]:
            problem = size_problem(prepared, shard)
            if problem:
                raise shard_error(prepared, shard, problem)


def size_problem(prepared: PreparedData, shard: Shard) -> str:
    """What is wrong with a shard by name and size alone; empty if nothing."""
    file = os.path.join(prepared.path, shard.file)
    if not os.path.isfile(file):
        return "no such file"
    num_bytes = os.path.getsize(file)
    if num_bytes == 0 or shard.num_examples < 1:
        return "an empty shard"
    if num_bytes != shard.num_bytes:
        return f"{num_bytes} bytes"
    return ""


def shard_error(
    prepared: PreparedData, shard: Shard, problem: str
) -> UserError:
    """The error of a shard that cannot be used; names the file and the fix."""
    size = f" and {shard.num_bytes} bytes" if shard.sha256 else ""
    return UserError(
        f"Expected {os.path.join(prepared.path, shard.file)} to be the shard "
        f"of {shard.num_examples} images{size} that "
        f"{prepared.description_file} lists. Received: {problem}. Restore the "
        "file, or delete its folder and prepare the data set again."
    )
