"""Image folders: the pictures you have, a folder per class."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

import tensorflow_datasets as tfds

from data_prep.image_folder.listing import (
    check_classes,
    fingerprint,
    list_photos,
)
from data_prep.pictures.catalogue import Catalogue, Item
from data_prep.pictures.split import assign_splits
from data_prep.writing.picture_builder import (
    PictureBuilder,
    PictureConfig,
    photo_settings,
)
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.picture_files import tell_passed_over


@dataclasses.dataclass(kw_only=True)
class ImageFolderConfig(PictureConfig):
    """An image folder at one resolution; its name is `r{R}`.

    Args:
        manual_dir: root of the image folder.
    """

    manual_dir: str = ""


def config_from(flags: Mapping[str, Any]) -> ImageFolderConfig:
    """Returns the configuration that the flags of `prepare` ask for.

    Args:
        flags: `manual_dir`, `resolution`, `max_refused` and
            `min_images_per_class`.

    Raises:
        UserError: no `manual_dir`.
    """
    if not flags["manual_dir"]:
        raise UserError(
            "Expected --manual_dir, the folder of your pictures. Received: "
            "none. Give a folder that holds a folder per class."
        )
    return ImageFolderConfig(
        **photo_settings(flags),
        manual_dir=flags["manual_dir"],
    )


class Builder(PictureBuilder):
    """Reads and writes the pictures of an image folder.

    Labels follow the sorted names of the folders; `id` is the path below the
    root. Where the folder has no train and test, a tenth of every class is
    for testing, chosen by hash (see `split`).
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    @classmethod
    def make_catalogue(cls, config: ImageFolderConfig) -> Catalogue:
        """Returns the files of the folder."""
        root = pathlib.Path(config.manual_dir).expanduser().absolute()
        listing = list_photos(root)
        tell_passed_over(root, listing.passed_over)
        photos = listing.photos
        names = check_classes(root, listing, config.min_images_per_class)
        label_of = {name: label for label, name in enumerate(names)}
        labels = [label_of[photo.class_name] for photo in photos]
        splits = assign_splits([photo.id for photo in photos], labels)
        return Catalogue(
            class_names=names,
            items=tuple(
                Item(photo.id, label, photo.split or split, photo.path)
                for photo, label, split in zip(
                    photos, labels, splits, strict=True
                )
            ),
            source=f"image folder {root}, {len(photos)} files",
            source_sha256=fingerprint(photos),
            refused=listing.refused,
            fixed_split="" not in listing.classes,
        )
