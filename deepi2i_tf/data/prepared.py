"""A prepared data set as its manifest tells it: shards, counts, classes.

`manifest.json` is written last by `data_prep`, so a folder that has one is
whole. Its names, sizes and counts are compared with the shards whenever it is
read (cheap: no shard is opened), because TensorFlow reads an empty shard as
zero examples without a word.
"""

import dataclasses
import json
import os
from typing import Any

from deepi2i_tf.errors import Refusal

MANIFEST = "manifest.json"
FORMAT = 1
SPLITS = ("train", "test")


@dataclasses.dataclass(frozen=True)
class Shard:
    """One TFRecord file.

    Args:
        file: name inside the prepared folder.
        num_examples: records in it.
        num_bytes: its size.
        sha256: its checksum, hexadecimal.
    """

    file: str
    num_examples: int
    num_bytes: int
    sha256: str


@dataclasses.dataclass(frozen=True)
class PreparedData:
    """A prepared data set that was found whole.

    Args:
        path: the folder `<data_dir>/<dataset>/<config>/<version>`.
        dataset: name of the TFDS data set.
        config: name of the TFDS config.
        version: version of the data set, e.g. `"1.0.0"`.
        resolution: side of the images, in pixels.
        class_names: one name for each label, in label order.
        features: names of the features of each record.
        num_examples: images of each split.
        shards: shards of each split, in stored order.
        encoding: how images are stored: `"raw"` pixels, `"png"` or `"jpeg"`.
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


def read_manifest(path: str) -> PreparedData:
    """Reads the manifest of a prepared folder; `check_shards` comes next.

    Args:
        path: folder that holds `manifest.json` and the shards.

    Returns:
        The data set as the manifest tells it.

    Raises:
        Refusal: the manifest is missing, unreadable or incomplete.
    """
    manifest = _read_json(path, MANIFEST)
    features = _read_json(path, "features.json")
    if manifest.get("format") != FORMAT:
        raise Refusal(
            f"Expected {MANIFEST} of format {FORMAT} in {path}. Received: "
            f"format={manifest.get('format')!r}. Prepare the data set again "
            "with this version."
        )
    try:
        return _from_json(path, manifest, features)
    except (KeyError, TypeError, AttributeError) as error:
        raise Refusal(
            f"Expected a complete {MANIFEST} and features.json in {path}. "
            f"Received: one that fails at {error}. Prepare the data set again."
        ) from error


def _read_json(path: str, name: str) -> dict[str, Any]:
    file = os.path.join(path, name)
    try:
        with open(file, encoding="utf-8") as stream:
            values = json.load(stream)
        if not isinstance(values, dict):
            raise ValueError(f"a {type(values).__name__}, not an object")
    except FileNotFoundError as error:
        raise Refusal(
            f"Expected {name} in {path}. Received: a folder without it, left "
            "by a preparation that did not finish. Prepare it again."
        ) from error
    except (OSError, ValueError) as error:
        raise Refusal(
            f"Expected {file} to be readable JSON. Received: {error}. "
            "Prepare the data set again."
        ) from error
    return values


def _from_json(
    path: str, manifest: dict[str, Any], features: dict[str, Any]
) -> PreparedData:
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
            split: values["num_examples"] for split, values in splits.items()
        },
        shards={
            split: tuple(Shard(**shard) for shard in values["shards"])
            for split, values in splits.items()
        },
        # Sets from before it could be chosen are PNG and do not say so.
        encoding=manifest.get("encoding", "png"),
    )


def check_shards(prepared: PreparedData) -> None:
    """Compares names, sizes and counts of all shards with the manifest.

    Args:
        prepared: the data set; no shard is opened.

    Raises:
        Refusal: a shard is missing, empty or of another size.
    """
    for split in SPLITS:
        expected = prepared.num_examples[split]
        listed = sum(shard.num_examples for shard in prepared.shards[split])
        if listed != expected or expected < 1:
            raise Refusal(
                f"Expected the shards of split {split} in {prepared.path} to "
                f"hold its {expected} images, at least one. Received: "
                f"{listed} listed. Prepare the data set again."
            )
        for shard in prepared.shards[split]:
            problem = size_problem(prepared, shard)
            if problem:
                raise damaged(prepared, shard, problem)


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


def damaged(prepared: PreparedData, shard: Shard, problem: str) -> Refusal:
    """The refusal of one shard.

    Args:
        prepared: the data set.
        shard: the shard that cannot be used.
        problem: what was found in place of an intact shard.

    Returns:
        An exception that names the file and the remedy, to be raised.
    """
    return Refusal(
        f"Expected {os.path.join(prepared.path, shard.file)} to be the shard "
        f"of {shard.num_examples} images and {shard.num_bytes} bytes that "
        f"{MANIFEST} lists. Received: {problem}. Restore the file, or delete "
        "its folder and prepare the data set again."
    )
