"""Checks prepared folders against their manifests, by reading every record."""

import pathlib
from collections import Counter
from typing import Any

from data_prep.reading.contact_sheet import FILE_NAME as CONTACT_SHEET
from data_prep.reading.contact_sheet import save_contact_sheet
from data_prep.reading.manifest import faults, read_manifest
from data_prep.reading.records import label_of, read_examples
from deepi2i_tf.utils.atomic_files import explain_disk_errors
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import require_text
from deepi2i_tf.utils.prepared_layout import MANIFEST


def find_folders(
    data_dir: str, dataset: str = "", config: str = ""
) -> list[pathlib.Path]:
    """Returns the prepared folders, sorted.

    Raises:
        UserError: there is none.
    """
    root = pathlib.Path(data_dir).expanduser().absolute()
    if (root / MANIFEST).is_file():
        return [root]
    found = sorted(root.glob(f"{dataset or '*'}/{config or '*'}/*/{MANIFEST}"))
    if not found:
        raise UserError(
            f"Expected a prepared data set ({dataset or '<dataset>'}/"
            f"{config or '<config>'}/<version>/{MANIFEST}) in {root}. "
            "Received: none. Prepare one with python -m data_prep.prepare."
        )
    for path in found:
        require_text(str(path))
    return [path.parent for path in found]


def count_records(
    folder: pathlib.Path, manifest: dict[str, Any]
) -> dict[str, dict[str, int]]:
    """Returns the records found, by class name and split."""
    names = manifest["class_names"]
    found = {
        split: Counter(
            label_of(example)
            for example in read_examples(folder, manifest, split)
        )
        for split in manifest["splits"]
    }
    return {
        name: {split: found[split][label] for split in found}
        for label, name in enumerate(names)
    }


def describe(manifest: dict[str, Any]) -> str:
    """Returns the summary of a data set: totals, then a line per class."""
    splits = manifest["splits"]
    totals = ", ".join(
        f"{split} {content['num_examples']} images in "
        f"{len(content['shards'])} shards"
        for split, content in splits.items()
    )
    num_bytes = sum(
        shard["num_bytes"]
        for content in splits.values()
        for shard in content["shards"]
    )
    width = max(map(len, manifest["class_names"]))
    lines = [
        f"{manifest['dataset']}/{manifest['config']} {manifest['version']}, "
        f"{manifest['resolution']} px, {len(manifest['class_names'])} classes",
        f"  {manifest['source']}",
        f"  {totals}, {num_bytes / 1e6:.1f} MB, {manifest['refused']} refused",
    ]
    for name, counts in manifest["counts"].items():
        numbers = "  ".join(f"{split} {n:6d}" for split, n in counts.items())
        lines.append(f"  {name:{width}}  {numbers}")
    return "\n".join(lines)


def inspect_folder(folder: pathlib.Path, draw_sheet: bool) -> None:
    """Prints the summary of a prepared folder and checks every record.

    Raises:
        UserError: something is not as the manifest says.
    """
    manifest = read_manifest(folder)
    print(describe(manifest))
    found = faults(folder, manifest)
    if not found and count_records(folder, manifest) != manifest["counts"]:
        found = ["the records do not have the counts of the manifest"]
    if found:
        raise UserError(
            f"Expected {folder} to be as its {MANIFEST} says. Received: "
            f"{'; '.join(found)}. Remove the folder and prepare it again."
        )
    if draw_sheet:
        kept, remedy = "The shards are whole.", "leave --contact_sheet out"
        with explain_disk_errors(folder / CONTACT_SHEET, kept, remedy):
            save_contact_sheet(folder, manifest)
    print(f"  all shards as in the manifest; {folder / CONTACT_SHEET}")


def inspect_all(
    data_dir: str, dataset: str, config: str, draw_sheet: bool
) -> None:
    """Inspects every prepared folder that fits; see `find_folders`."""
    for folder in find_folders(data_dir, dataset, config):
        inspect_folder(folder, draw_sheet)
