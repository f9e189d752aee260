"""The manifest beside the shards: what must be there, to the byte."""

import json
import pathlib
import struct
from typing import Any

from deepi2i_tf.utils.atomic_files import sha256_of_file, write_text
from deepi2i_tf.utils.errors import UserError

FILE_NAME = "manifest.json"
FORMAT = 1
# Every so many records training may enter a shard.
RUN_LENGTH = 64
# A record in a TFRecord file is its length (8 bytes) with a checksum (4), its
# content, and the content's checksum (4).
_LENGTH = struct.Struct("<Q")
_AROUND = 16


def run_offsets(path: pathlib.Path) -> list[int]:
    """Returns the first byte of every `RUN_LENGTH`th record of a shard."""
    offsets, place, records = [], 0, 0
    with open(path, "rb") as file:
        while len(head := file.read(_LENGTH.size)) == _LENGTH.size:
            if records % RUN_LENGTH == 0:
                offsets.append(place)
            place += _LENGTH.unpack(head)[0] + _AROUND
            records += 1
            file.seek(place)
    return offsets


def describe_shard(path: pathlib.Path, num_examples: int) -> dict[str, Any]:
    """Returns a shard's entry."""
    return {
        "file": path.name,
        "num_examples": num_examples,
        "num_bytes": path.stat().st_size,
        "sha256": sha256_of_file(path),
        "run_offsets": run_offsets(path),
    }


def write_manifest(folder: pathlib.Path, manifest: dict[str, Any]) -> None:
    """Writes `manifest.json`, beside and renamed.

    Args:
        folder: of the shards.
        manifest: its content but for `format`.
    """
    text = json.dumps({"format": FORMAT} | manifest, indent=1)
    write_text(folder / FILE_NAME, text + "\n")


def read_manifest(folder: pathlib.Path) -> dict[str, Any]:
    """Returns the manifest of a prepared folder.

    Raises:
        UserError: there is none, or it cannot be read.
    """
    path = folder / FILE_NAME
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"Expected {path}. Received: no such file. The preparation did "
            "not finish: remove the folder and prepare it again."
        ) from None
    except ValueError:
        manifest = {}
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise UserError(
            f"Expected {path} to be a manifest of format {FORMAT}. Received: "
            "something else. Remove the folder and prepare it again."
        )
    return manifest


def faults(folder: pathlib.Path, manifest: dict[str, Any]) -> list[str]:
    """Returns one line for each shard that is not as the manifest says."""
    found = []
    for split in manifest["splits"].values():
        for shard in split["shards"]:
            path = folder / shard["file"]
            if not path.is_file():
                found.append(f"{shard['file']}: missing")
            elif path.stat().st_size != shard["num_bytes"]:
                found.append(
                    f"{shard['file']}: {path.stat().st_size} bytes instead "
                    f"of {shard['num_bytes']}"
                )
            elif sha256_of_file(path) != shard["sha256"]:
                found.append(f"{shard['file']}: checksum differs")
    return found
