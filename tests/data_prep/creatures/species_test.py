import dataclasses
import itertools

import numpy as np

from data_prep.creatures.drawing import Background, Pose, draw
from data_prep.creatures.parts import EYES, HEADS
from data_prep.creatures.species import PALETTES, SPECIES

FIELDS = ("ears", "coat", "palette", "muzzle", "eyes", "head")


def test_enough_and_no_two_alike():
    assert len(SPECIES) >= 149
    assert len({kind.name for kind in SPECIES}) == len(SPECIES)
    looks = {dataclasses.astuple(kind)[1:] for kind in SPECIES}
    assert len(looks) == len(SPECIES)


def test_the_first_16_differ_in_ears_coat_and_palette():
    for field in ("ears", "coat", "palette"):
        assert len({getattr(kind, field) for kind in SPECIES[:16]}) == 16


def test_later_species_differ_from_a_founder_in_one_thing():
    founders = {kind.name: kind for kind in SPECIES[:16]}
    changed = set()
    for kind in SPECIES[16:]:
        founder = founders[kind.name.split("_")[0]]
        (field,) = (
            field
            for field in FIELDS
            if getattr(kind, field) != getattr(founder, field)
        )
        changed.add(field)
    assert changed == {"ears", "coat", "palette", "muzzle"}


def test_every_key_is_known():
    for kind in SPECIES:
        assert kind.palette in PALETTES
        assert kind.eyes in EYES and kind.head in HEADS


def test_every_two_are_told_apart_by_the_eye():
    grey = Background(((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)), (0.0, 0.0))
    pose = Pose(0.0, 0.05, 1.0, 0.0, 0.0)
    drawn = {
        kind.name: draw(kind, pose, grey, 32).astype(np.int64)
        for kind in SPECIES
    }
    for (name, one), (other_name, other) in itertools.combinations(
        drawn.items(), 2
    ):
        differing = np.abs(one - other).max(-1) > 40
        # Ten pixels of 32 x 32, about a muzzle.
        assert differing.sum() >= 10, (name, other_name)
