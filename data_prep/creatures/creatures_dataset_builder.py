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
    """A Creatures set, named `r{R}_c{classes}_n{images}_s{seed}`.

    `_f{first}` follows where the first species is not the first there is, and
    `_paired` where the test split is in pairs.

    Args:
        encoding: how the pictures are stored.
        first_class: place in `SPECIES` of the first species.
        num_classes: how many species, from there on.
        num_images: in both splits together, spread evenly over the classes.
        seed: of poses and backgrounds.
        paired_test: the test split draws every scene with every species.
    """

    # Flat colours: a fifteenth of the bare pixels.
    encoding: str = "png"
    first_class: int = 0
    num_classes: int = 16
    num_images: int = 16000
    seed: int = 0
    paired_test: bool = False


def config_from(flags: Mapping[str, Any]) -> CreaturesConfig:
    """Returns the configuration that the flags of `prepare` ask for.

    Args:
        flags: `resolution`, `first_class`, `num_classes`, `num_images`,
            `seed`, `paired_test` and `min_images_per_class`.

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
    name += f"_f{first}" if first else ""
    name += "_paired" if flags.get("paired_test") else ""
    return CreaturesConfig(
        name=name,
        resolution=flags["resolution"],
        first_class=first,
        num_classes=classes,
        num_images=images,
        seed=flags["seed"],
        paired_test=flags.get("paired_test", False),
        min_images_per_class=least,
    )


def _items(config: CreaturesConfig) -> list[Item]:
    """Picture i shows species i modulo classes; a tenth is for testing.

    With `paired_test` the scenes of the first species' test pictures are
    drawn with every species: scenes that no training picture has.
    """
    ids = [f"{index:07d}" for index in range(config.num_images)]
    labels = [index % config.num_classes for index in range(config.num_images)]
    splits = assign_splits(ids, labels)
    items = list(map(Item, ids, labels, splits))
    if not config.paired_test:
        return items
    scenes = [it.id for it in items if it.split == "test" and not it.label]
    return [item for item in items if item.split == "train"] + [
        Item(f"{scene}_{label:03d}", label, "test")
        for scene in scenes
        for label in range(config.num_classes)
    ]


def _scene_of(item: Item) -> int:
    return int(item.id.partition("_")[0])


class Builder(PictureBuilder):
    """Draws and writes Creatures; features also hold `pose`.

    `pose` is float32 (5,): x, y, scale, roll, yaw (see `drawing.Pose`). With
    `paired_test` test pictures have `pair` too, the number of their scene;
    training pictures are what they are without it, to the byte.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First drawing."}
    # NumPy draws small arrays under Python's lock.
    NUM_THREADS = 1

    @classmethod
    def make_catalogue(cls, config: CreaturesConfig) -> Catalogue:
        """Returns the examples: picture i shows species i modulo classes."""
        species = _species_of(config.first_class, config.num_classes)
        source = (
            f"drawn by data_prep.creatures {cls.VERSION}: "
            f"{config.num_classes} species, {config.num_images} images, "
            f"seed {config.seed}"
        )
        if config.first_class:
            source += f", first species {config.first_class}"
        if config.paired_test:
            source += ", test split in pairs"
        return Catalogue(
            class_names=tuple(kind.name for kind in species),
            items=tuple(_items(config)),
            source=source,
            source_sha256=hashlib.sha256(source.encode()).hexdigest(),
        )

    @classmethod
    def added_features(cls, config: CreaturesConfig) -> dict[str, Any]:
        """Returns `pose`, and `pair` where the test split has it."""
        pose = tfds.features.Tensor(shape=(5,), dtype=np.float32)
        if not config.paired_test:
            return {"pose": pose}
        # Absent from training records, which so stay as they are without it.
        pair = tfds.features.Scalar(dtype=np.int64, optional=True)
        return {"pose": pose, "pair": pair}

    @classmethod
    def make_picture(
        cls, config: CreaturesConfig, item: Item
    ) -> dict[str, Any]:
        """Draws one creature."""
        kinds = _species_of(config.first_class, config.num_classes)
        species, scene = kinds[item.label], _scene_of(item)
        pose, background = sample_scene(config.seed, scene)
        image = draw(species, pose, background, config.resolution)
        example = {"image": image, "pose": pose.to_array()}
        if config.paired_test:
            example["pair"] = scene if item.split == "test" else None
        return example
