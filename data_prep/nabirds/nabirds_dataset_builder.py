"""NABirds: 555 kinds of North American birds, boxed on photos."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

import tensorflow_datasets as tfds

from data_prep.nabirds.listing import IMAGES, list_birds, read_names
from data_prep.pictures.boxed_photos import to_catalogue
from data_prep.pictures.catalogue import Catalogue
from data_prep.pictures.raw_files import root_from
from data_prep.writing.picture_builder import (
    PictureBuilder,
    PictureConfig,
    photo_settings,
)


@dataclasses.dataclass(kw_only=True)
class NabirdsConfig(PictureConfig):
    """NABirds at one resolution; its name is `r{R}[_upstream][_official]`.

    Args:
        manual_dir: holds the tables, and the photos in `images/`.
        class_order: `"name"` or `"upstream"`, the order of the folders.
        official_split: keep the data set's own split.
    """

    manual_dir: str = ""
    class_order: str = "name"
    official_split: bool = False


def config_from(flags: Mapping[str, Any]) -> NabirdsConfig:
    """Returns the configuration that the flags of `prepare` ask for.

    Args:
        flags: `manual_dir`, `resolution`, `class_order`, `official_split`,
            `max_refused` and `min_images_per_class`.

    Raises:
        UserError: no `manual_dir`.
    """
    return NabirdsConfig(
        **photo_settings(
            flags,
            upstream=flags["class_order"] == "upstream",
            official=flags["official_split"],
        ),
        manual_dir=root_from(flags, f"{IMAGES}, its like and images/"),
        class_order=flags["class_order"],
        official_split=flags["official_split"],
    )


class Builder(PictureBuilder):
    """Reads and writes the birds; `id` is the photo's path below `images/`.

    A tenth of every class is for testing, chosen by a hash of the photo (see
    `split`), or the data set's own split is kept.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    @classmethod
    def make_catalogue(cls, config: NabirdsConfig) -> Catalogue:
        """Returns the photos, each with the box of its bird."""
        root = pathlib.Path(config.manual_dir).expanduser().absolute()
        birds, refused = list_birds(root, config.official_split)
        names = read_names(root, [bird.class_id for bird in birds])
        return to_catalogue(
            birds,
            names,
            class_order=config.class_order,
            least=config.min_images_per_class,
            source=f"NABirds in {root}",
            refused=refused,
        )
