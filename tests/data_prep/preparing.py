"""Fixtures that prepare small sets in this process."""

import pytest

from data_prep.creatures import creatures_dataset_builder as creatures
from data_prep.image_folder import image_folder_dataset_builder as image_folder
from data_prep.writing import preparation

FLAGS = {
    "resolution": 16,
    "fit": "crop",
    "pad_color": "",
    "num_classes": 3,
    "first_class": 0,
    "num_images": 30,
    "seed": 0,
    "max_refused": 0.1,
    "min_images_per_class": 2,
    "manual_dir": None,
    "class_order": "name",
    "class_names_file": "",
    "official_split": False,
}


@pytest.fixture
def prepare_creatures():
    def prepare(data_dir, num_shards=2, **flags):
        config = creatures.config_from(FLAGS | flags)
        return preparation.prepare(
            creatures.Builder, config, str(data_dir), num_shards
        )

    return prepare


@pytest.fixture
def prepare_folder():
    def prepare(manual_dir, data_dir, num_shards=2, **flags):
        flags = FLAGS | flags | {"manual_dir": str(manual_dir)}
        config = image_folder.config_from(flags)
        return preparation.prepare(
            image_folder.Builder, config, str(data_dir), num_shards
        )

    return prepare
