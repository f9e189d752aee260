"""Creatures: drawn animal faces with known species and pose."""

import dataclasses
import functools
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_prep.creatures.drawing import draw, sample_scene
from data_prep.creatures.species import SPECIES, Species
from data_prep.pictures.catalogue import Catalogue, Item
from data_prep.pictures.split import assign_splits
from data_prep.writing.picture_builder import PictureBuilder, PictureConfig
from deepi2i_tf.utils.errors import UserError


@functools.cache
def _species_of(first: int, count: int) -> list[Species]:
    """So many species, in label order."""
    chosen = SPECIES[first : first + count]
    return sorted(chosen, key=lambda kind: kind.name)


@dataclasses.dataclass(kw_only=True)
class CreaturesConfig(PictureConfig):
    """A Creatures set, named `r{R}_c{classes}_n{images}_s{seed}_f{first}`.

    The name ends before `_f` where the first species is the first there is.

    Args:
        encoding: how the pictures are stored.
        first_class: place in `SPECIES` of the first species.
        num_classes: how many species, from there on.
        num_images: in both splits together, spread evenly over the classes.
        seed: of poses and backgrounds.
    """

    # Flat colours: a fifteenth of the bare pixels.
    encoding: str = "png"
    first_class: int = 0
    num_classes: int = 16
    num_images: int = 16000
    seed: int = 0


def config_from(flags: Mapping[str, Any]) -> CreaturesConfig:
    """Returns the configuration that the flags of `prepare` ask for.

    Args:
        flags: `resolution`, `first_class`, `num_classes`, `num_images`,
            `seed` and `min_images_per_class`.

    Raises:
        UserError: more species than there are, or too few images for them.
    """
    classes, images = flags["num_classes"], flags["num_images"]
    first, least = flags["first_class"], flags["min_images_per_class"]
    if first + classes > len(SPECIES):
        raise UserError(
            f"Expected --num_classes to be at most {len(SPECIES)}, the number "
            f"of species, less --first_class. Received: {classes} from "
            f"{first} on. Ask for fewer."
        )
    if images // classes < least:
        raise UserError(
            f"Expected at least {least} images of each of {classes} species. "
            f"Received: --num_images={images}. Raise it to {classes * least}."
        )
    name = f"r{flags['resolution']}_c{classes}_n{images}_s{flags['seed']}"
    return CreaturesConfig(
        name=f"{name}_f{first}" if first else name,
        resolution=flags["resolution"],
        first_class=first,
        num_classes=classes,
        num_images=images,
        seed=flags["seed"],
        min_images_per_class=least,
    )


class Builder(PictureBuilder):
    """Draws and writes Creatures; features also hold `pose`.

    `pose` is float32 (5,): x, y, scale, roll, yaw (see `drawing.Pose`).
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First drawing."}
    # NumPy draws small arrays under Python's lock.
    NUM_THREADS = 1

    @classmethod
    def make_catalogue(cls, config: CreaturesConfig) -> Catalogue:
        """Returns the examples: picture i shows species i modulo classes."""
        species = _species_of(config.first_class, config.num_classes)
        ids = [f"{index:07d}" for index in range(config.num_images)]
        labels = [index % len(species) for index in range(config.num_images)]
        splits = assign_splits(ids, labels)
        source = (
            f"drawn by data_prep.creatures {cls.VERSION}: "
            f"{config.num_classes} species, {config.num_images} images, "
            f"seed {config.seed}"
        )
        if config.first_class:
            source += f", first species {config.first_class}"
        return Catalogue(
            class_names=tuple(kind.name for kind in species),
            items=tuple(map(Item, ids, labels, splits)),
            source=source,
            source_sha256=hashlib.sha256(source.encode()).hexdigest(),
        )

    @classmethod
    def added_features(cls) -> dict[str, Any]:
        """Returns `pose`."""
        return {"pose": tfds.features.Tensor(shape=(5,), dtype=np.float32)}

    @classmethod
    def make_picture(
        cls, config: CreaturesConfig, item: Item
    ) -> dict[str, Any]:
        """Draws one creature."""
        kinds = _species_of(config.first_class, config.num_classes)
        species = kinds[item.label]
        pose, background = sample_scene(config.seed, int(item.id))
        image = draw(species, pose, background, config.resolution)
        return {"image": image, "pose": pose.to_array()}
