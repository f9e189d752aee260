"""The manifest beside the shards: what must be there, to the byte."""

import json
import pathlib
from typing import Any

from deepi2i_tf.utils.atomic_files import sha256_of_file, write_text
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.prepared_layout import FORMAT, MANIFEST, scan_records


def describe_shard(path: pathlib.Path, num_examples: int) -> dict[str, Any]:
    """Returns a shard's entry."""
    return {
        "file": path.name,
        "num_examples": num_examples,
        "num_bytes": path.stat().st_size,
        "sha256": sha256_of_file(path),
        "run_offsets": scan_records(path)[0],
    }


def write_manifest(folder: pathlib.Path, manifest: dict[str, Any]) -> None:
    """Writes `manifest.json`, beside and renamed.

    Args:
        folder: of the shards.
        manifest: its content but for `format`.
    """
    text = json.dumps({"format": FORMAT} | manifest, indent=1)
    write_text(folder / MANIFEST, text + "\n")


def read_manifest(folder: pathlib.Path) -> dict[str, Any]:
    """Returns the manifest of a prepared folder.

    Raises:
        UserError: there is none, or it cannot be read.
    """
    path = folder / MANIFEST
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
