"""A raw data set as its tests ask for it: by the flags that they change."""

import pathlib
import types
from typing import Any

import tensorflow_datasets as tfds

from data_prep.pictures.catalogue import Catalogue
from data_prep.writing import preparation
from data_prep.writing.picture_builder import PictureConfig


class RawSet:
    """The builder module of a data set, with flags for tests.

    Args:
        module: has `config_from` and `Builder`.
        **flags: beside those that every data set has.
    """

    def __init__(self, module: types.ModuleType, **flags: Any) -> None:
        self.module = module
        self.flags = {
            "resolution": 16,
            "fit": "crop",
            "pad_color": "",
            "max_refused": 0.1,
            "min_images_per_class": 2,
            "manual_dir": None,
            "class_order": "name",
        } | flags

    def config(self, root: pathlib.Path | str, **flags: Any) -> PictureConfig:
        given = {"manual_dir": str(root)} | flags
        return self.module.config_from(self.flags | given)

    def catalogue(self, root: pathlib.Path, **flags: Any) -> Catalogue:
        return self.module.Builder.make_catalogue(self.config(root, **flags))

    def prepare(
        self, root: pathlib.Path, data_dir: pathlib.Path, **flags: Any
    ) -> pathlib.Path:
        return preparation.prepare(
            self.module.Builder, self.config(root, **flags), str(data_dir), 2
        )


def assert_valid_metadata(module: types.ModuleType, *citation: str) -> None:
    """README, tags and citations are what TFDS takes."""
    metadata = module.Builder.get_metadata()
    valid = {
        tag.partition(" ")[0] for tag in tfds.core.dataset_metadata.valid_tags()
    }
    assert metadata.tags and set(metadata.tags) <= valid
    assert "--manual_dir" in metadata.description
    for key in citation:
        assert key in metadata.citation
