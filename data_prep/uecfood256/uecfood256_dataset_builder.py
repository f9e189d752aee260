"""UECFOOD-256: 256 dishes, boxed on photos."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

import tensorflow_datasets as tfds

from data_prep.pictures.boxed_photos import to_catalogue
from data_prep.pictures.catalogue import Catalogue
from data_prep.pictures.raw_files import root_from
from data_prep.uecfood256.listing import (
    CATEGORIES,
    list_dishes,
    read_categories,
)
from data_prep.writing.picture_builder import (
    PictureBuilder,
    PictureConfig,
    photo_settings,
)


@dataclasses.dataclass(kw_only=True)
class Uecfood256Config(PictureConfig):
    """UECFOOD-256 at one resolution; its name is `r{R}[_upstream]`.

    Args:
        manual_dir: holds `category.txt` and a folder per dish.
        class_order: `"name"` or `"upstream"`, the order of the folders' names
            as strings.
    """

    manual_dir: str = ""
    class_order: str = "name"


def config_from(flags: Mapping[str, Any]) -> Uecfood256Config:
    """Returns the configuration that the flags of `prepare` ask for.

    Args:
        flags: `manual_dir`, `resolution`, `class_order`, `max_refused` and
            `min_images_per_class`.

    Raises:
        UserError: no `manual_dir`.
    """
    return Uecfood256Config(
        **photo_settings(flags, upstream=flags["class_order"] == "upstream"),
        manual_dir=root_from(flags, f"{CATEGORIES} and a folder per dish"),
        class_order=flags["class_order"],
    )


class Builder(PictureBuilder):
    """Reads and writes the dishes; `id` is folder, photo and corners.

    A tenth of every class is for testing, chosen by a hash of the photo's
    name, so that all boxes on one photo stay together, whatever their classes
    (see `split`).
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    @classmethod
    def make_catalogue(cls, config: Uecfood256Config) -> Catalogue:
        """Returns the boxes of all folders."""
        root = pathlib.Path(config.manual_dir).expanduser().absolute()
        categories = read_categories(root)
        dishes, refused = list_dishes(root, categories)
        return to_catalogue(
            dishes,
            categories,
            class_order=config.class_order,
            least=config.min_images_per_class,
            source=f"UECFOOD-256 in {root}",
            refused=refused,
        )
