"""From a builder to a finished folder, or to nothing at all.

Everything is written below `<data_dir>/.preparing-<dataset>-<config>/` and
renamed into place at the end; the next run goes on from what an interrupted
one left there.
"""

import contextlib
import dataclasses
import pathlib
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from data_prep.pictures.catalogue import Catalogue
from data_prep.reading.contact_sheet import save_contact_sheet
from data_prep.reading.manifest import (
    describe_shard,
    read_manifest,
    write_manifest,
)
from data_prep.writing.picture_builder import (
    SPLITS,
    PictureBuilder,
    PictureConfig,
    RunShards,
)
from data_prep.writing.shards import PART_SIZE, run_here
from data_prep.writing.staging import staging
from deepi2i_tf.utils.atomic_files import write_text
from deepi2i_tf.utils.errors import UserError

REFUSED_NAME = "refused.tsv"


@contextlib.contextmanager
def _told_disk_errors(root: pathlib.Path) -> Iterator[None]:
    """Turns a full disk or a forbidden folder into a sentence."""
    try:
        yield
    except Exception as error:
        # TFDS wraps what TensorFlow raises while writing.
        cause = error.__cause__ or error
        if isinstance(cause, tf.errors.OpError):
            told = cause.message.split(";")[-1].strip()
        elif isinstance(cause, OSError):
            told = cause.strerror or str(cause)
        else:
            raise
        raise UserError(
            f"Expected to write below {root}. Received: {told}. Make room "
            "there, or give another --data_dir; nothing was left behind."
        ) from error


def _summary(builder: PictureBuilder) -> str:
    counts = ", ".join(
        f"{builder.info.splits[split].num_examples} {split}" for split in SPLITS
    )
    refused = f", {len(builder.refused)} refused" if builder.refused else ""
    return f"Prepared {counts} images{refused}:"


def _describe_splits(builder: PictureBuilder) -> dict[str, Any]:
    splits = {}
    for name in SPLITS:
        info = builder.info.splits[name]
        shards = [
            describe_shard(pathlib.Path(path), length)
            for path, length in zip(
                info.filepaths, info.shard_lengths, strict=True
            )
        ]
        splits[name] = {"num_examples": info.num_examples, "shards": shards}
    return splits


def _describe(builder: PictureBuilder) -> dict[str, Any]:
    catalogue = builder.catalogue
    return {
        "dataset": builder.name,
        "config": builder.builder_config.name,
        "version": str(builder.version),
        "resolution": builder.builder_config.resolution,
        "encoding": builder.builder_config.encoding,
        **builder.builder_config.fit.to_dict(),
        "class_names": list(catalogue.class_names),
        "splits": _describe_splits(builder),
        "counts": {
            name: {split: builder.written[name, split] for split in SPLITS}
            for name in catalogue.class_names
        },
        "refused": len(builder.refused),
        "source": catalogue.source,
        "source_sha256": catalogue.source_sha256,
    }


def write_refused(path: pathlib.Path, refused: list[tuple[str, str]]) -> None:
    """Writes the list of refused files, tab separated, with a header."""
    rows = ["file\treason", *("\t".join(map(_escaped, row)) for row in refused)]
    write_text(path, "\n".join(rows) + "\n")


def _escaped(text: str) -> str:
    """Spells out tabs and line ends, which file names may hold."""
    return "".join(
        letter if letter.isprintable() else repr(letter)[1:-1]
        for letter in text
    )


def _stands_already(
    folder: pathlib.Path, sha256: str, source: str, data_dir: pathlib.Path
) -> bool:
    if not folder.exists():
        return False
    found = read_manifest(folder)
    if found.get("source_sha256") != sha256:
        raise UserError(
            f"Expected {folder} to be made from: {source}. Received: a data "
            f"set made from: {found.get('source')}. Give another --data_dir "
            f"than {data_dir}, or remove that folder."
        )
    return True


def _purpose(
    builder_class: type[PictureBuilder],
    config: PictureConfig,
    catalogue: Catalogue,
    num_shards: int,
) -> dict[str, Any]:
    """What unfinished work must have been for to be gone on with."""
    return {
        "source_sha256": catalogue.source_sha256,
        "version": str(builder_class.VERSION),
        "resolution": config.resolution,
        "encoding": config.encoding,
        "num_shards": num_shards,
        "part_size": PART_SIZE,
    }


def prepare(
    builder_class: type[PictureBuilder],
    config: PictureConfig,
    data_dir: str,
    num_shards: int,
    run: RunShards = run_here,
) -> pathlib.Path:
    """Prepares a data set unless it stands already, and says so.

    Returns:
        The prepared folder.

    Raises:
        UserError: source or disk will not do, or another source's data set
            stands in its place.
    """
    root = pathlib.Path(data_dir).expanduser().absolute()
    name = builder_class.name
    place = root / name / config.name / str(builder_class.VERSION)
    catalogue = builder_class.make_catalogue(config)
    if _stands_already(place, catalogue.source_sha256, catalogue.source, root):
        print(f"Stands already, made from the same source: {place}")
        return place
    folder = root / f".preparing-{name}-{config.name}"
    purpose = _purpose(builder_class, config, catalogue, num_shards)
    with _told_disk_errors(root), staging(folder, purpose) as (work, scratch):
        config = dataclasses.replace(config, work_dir=str(work))
        builder = builder_class(
            data_dir=str(scratch), config=config, catalogue=catalogue
        )
        _write(builder, num_shards, run, root, place)
    print(f"{_summary(builder)} {place}")
    return place


def _write(
    builder: PictureBuilder,
    num_shards: int,
    run: RunShards,
    root: pathlib.Path,
    place: pathlib.Path,
) -> None:
    """Writes shards, list of refusals, contact sheet and manifest."""
    try:
        builder.write_shards(num_shards, run)
        builder.check_written()
    except UserError:
        if builder.refused:
            name = f"refused-{builder.name}-{builder.builder_config.name}.tsv"
            write_refused(root / name, builder.refused)
        raise
    folder = pathlib.Path(builder.data_dir)
    write_refused(folder / REFUSED_NAME, builder.refused)
    manifest = _describe(builder)
    save_contact_sheet(folder, manifest)
    write_manifest(folder, manifest)
    place.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(place)
