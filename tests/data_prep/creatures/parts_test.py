import numpy as np
import pytest

from data_prep.creatures import parts

V, U = np.indices((160, 160)) / 40.0 - 2.0
ROLES = {"fur", "mark", "muzzle", "accent", "ink", "nose", "white", "horn"}


@pytest.mark.parametrize("kind", ["EARS", "MUZZLES", "EYES"])
def test_layers_are_distances_with_known_roles(kind):
    for name, part in getattr(parts, kind).items():
        for distance, role in part(np.abs(U), V):
            assert distance.shape == U.shape, name
            assert role in ROLES, name
            assert np.isfinite(distance).all(), name
            assert distance.min() < 0 < distance.max(), name


def test_coats_cover_a_part_of_the_head():
    inside = np.sqrt(U * U + V * V) < 0.9
    for name, coat in parts.COATS.items():
        share = (coat(U, V)[inside] < 0).mean()
        assert (share == 0) == (name == "plain"), name
        assert share < 0.75, name


def test_kinds_are_many():
    assert len(parts.EARS) == len(parts.COATS) == 16
