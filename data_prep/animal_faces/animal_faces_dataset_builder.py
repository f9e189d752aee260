"""Animal faces: 149 kinds of carnivores, cropped from ImageNet by FUNIT."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

import tensorflow_datasets as tfds

from data_prep.animal_faces.listing import (
    COORDINATES,
    list_coordinates,
    list_crops,
    read_names,
)
from data_prep.pictures.boxed_photos import to_catalogue
from data_prep.pictures.catalogue import Catalogue
from data_prep.pictures.raw_files import root_from
from data_prep.writing.picture_builder import (
    PictureBuilder,
    PictureConfig,
    photo_settings,
)


@dataclasses.dataclass(kw_only=True)
class AnimalFacesConfig(PictureConfig):
    """Animal faces at one resolution; its name is `r{R}[_upstream][_named]`.

    Args:
        manual_dir: holds FUNIT's coordinates and ImageNet's photos, or crops.
        class_order: `"name"` or `"upstream"`, the order of the synset ids.
        class_names_file: ImageNet's names of the synsets; without it the ids
            are the names.
    """

    manual_dir: str = ""
    class_order: str = "name"
    class_names_file: str = ""


def config_from(flags: Mapping[str, Any]) -> AnimalFacesConfig:
    """Returns the configuration that the flags of `prepare` ask for.

    Args:
        flags: `manual_dir`, `resolution`, `class_order`, `class_names_file`,
            `max_refused` and `min_images_per_class`.

    Raises:
        UserError: no `manual_dir`.
    """
    return AnimalFacesConfig(
        **photo_settings(
            flags,
            upstream=flags["class_order"] == "upstream",
            named=bool(flags["class_names_file"]),
        ),
        manual_dir=root_from(
            flags, f"{COORDINATES} and ImageNet's train, or FUNIT's crops"
        ),
        class_order=flags["class_order"],
        class_names_file=flags["class_names_file"] or "",
    )


class Builder(PictureBuilder):
    """Reads and writes the faces; `id` is the photo's and the corners.

    A tenth of every class is for testing, chosen by a hash of the photo, so
    that the faces on one photo stay together (see `split`).
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    @classmethod
    def make_catalogue(cls, config: AnimalFacesConfig) -> Catalogue:
        """Returns the faces, from coordinates where there are some."""
        root = pathlib.Path(config.manual_dir).expanduser().absolute()
        if (root / COORDINATES).exists():
            faces, refused = list_coordinates(root), []
            source = f"animal faces by {COORDINATES} in {root}"
        else:
            faces, refused = list_crops(root)
            source = f"animal faces, cut out, in {root}"
        names = {face.class_id: face.class_id for face in faces}
        if config.class_names_file:
            path = pathlib.Path(config.class_names_file).expanduser()
            names = read_names(path.absolute(), names)
        return to_catalogue(
            faces,
            names,
            class_order=config.class_order,
            least=config.min_images_per_class,
            source=source,
            refused=refused,
        )
