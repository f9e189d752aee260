"""BigGAN HDF5: pictures and labels that BigGAN-PyTorch has prepared already."""

import dataclasses
import hashlib
import pathlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_prep.biggan_hdf5.class_labels import class_names_of
from data_prep.biggan_hdf5.hdf5_file import (
    FileContent,
    find_file,
    read_content,
)
from data_prep.biggan_hdf5.rows import read_row, unpack_if_compressed
from data_prep.pictures.catalogue import Catalogue, Item
from data_prep.pictures.class_names import check_classes, in_label_order
from data_prep.pictures.split import assign_splits
from data_prep.writing.picture_builder import (
    PictureBuilder,
    PictureConfig,
    photo_settings,
)
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.image_geometry import fit_square


@dataclasses.dataclass(kw_only=True)
class BigganHdf5Config(PictureConfig):
    """An HDF5 at one resolution; its name is `r{R}[_upstream][_named]`.

    Args:
        manual_dir: the file, or a folder that holds it and no other.
        class_order: `"name"`, or `"upstream"` for the numbers in the file.
        class_names_file: a name per line, that of label 0 first; without it
            the numbers are the names.
    """

    manual_dir: str = ""
    class_order: str = "name"
    class_names_file: str = ""


def config_from(flags: Mapping[str, Any]) -> BigganHdf5Config:
    """Returns the configuration that the flags of `prepare` ask for.

    Args:
        flags: `manual_dir`, `resolution`, `class_order`, `class_names_file`,
            `max_refused` and `min_images_per_class`.

    Raises:
        UserError: no `manual_dir`.
    """
    if not flags["manual_dir"]:
        raise UserError(
            "Expected --manual_dir, the HDF5 file or its folder. Received: "
            "none. Give the file that make_hdf5.py wrote."
        )
    return BigganHdf5Config(
        **photo_settings(
            flags,
            upstream=flags["class_order"] == "upstream",
            named=bool(flags["class_names_file"]),
        ),
        manual_dir=flags["manual_dir"],
        class_order=flags["class_order"],
        class_names_file=flags["class_names_file"] or "",
    )


def _items(content: FileContent, order: Sequence[int]) -> Iterator[Item]:
    """Yields every row, class by class.

    No photo is in two classes, so the split of a class depends on no other;
    all of ImageNet at once would take hundreds of megabytes.
    """
    for label, number in enumerate(order):
        rows = np.flatnonzero(content.labels == number).tolist()
        ids = [f"{row:07d}" for row in rows]
        splits = assign_splits(ids, [label] * len(ids))
        for name, split in zip(ids, splits, strict=True):
            yield Item(name, label, split, content.path)


class Builder(PictureBuilder):
    """Reads and writes the pictures; `id` is the number of the row.

    A tenth of every class is for testing, chosen by hash of the row's number
    (see `split`). A picture of another size than the resolution is resized as
    photos are.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    @classmethod
    def make_catalogue(cls, config: BigganHdf5Config) -> Catalogue:
        """Returns the rows of the file."""
        content = read_content(find_file(config.manual_dir))
        names = class_names_of(content, config.class_names_file)
        order = in_label_order(names, config.class_order)
        items = list(_items(content, [int(key) for key in order]))
        counts = Counter((order[item.label], item.split) for item in items)
        check_classes(names, counts, config.min_images_per_class)
        class_names = tuple(names[key] for key in order)
        message = "\n".join((content.sha256, *class_names))
        return Catalogue(
            class_names=class_names,
            items=tuple(items),
            source=(
                f"BigGAN HDF5 {content.path}, {len(items)} pictures of "
                f"{content.side} px"
            ),
            source_sha256=hashlib.sha256(message.encode()).hexdigest(),
        )

    @classmethod
    def set_up(cls, config: BigganHdf5Config) -> None:
        """Unpacks a compressed file, once, where there is a place for it."""
        if config.work_dir:
            path = find_file(config.manual_dir)
            unpack_if_compressed(path, pathlib.Path(config.work_dir))

    @classmethod
    def make_picture(
        cls, config: BigganHdf5Config, item: Item
    ) -> dict[str, Any]:
        """Reads one row, and resizes it where it has another size."""
        pixels = read_row(item.path, config.work_dir, int(item.id))
        return {"image": fit_square(pixels, config.resolution)}
