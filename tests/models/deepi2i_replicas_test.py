"""One replica of four images is two replicas of two."""

import pytest

from deepi2i_tf.models import DeepI2I, build_translator
from deepi2i_tf.networks import build_networks
from tests.models import tiny
from tests.models.on_replicas import (
    plain_descent,
    require_one_by_four_is_two_by_two,
)
from tests.models.small_networks import small_networks, small_translator

SMALL_SETS = {
    "augment": ("color", "translation", "cutout"),
    "augment_target": 0.6,
    "consistency": 1.0,
    "lecam": 0.1,
    "lecam_from": 0,
}


def model_of(networks, averaged, made):
    model = DeepI2I(made, networks=dict(networks.items()), averaged=averaged)
    model.compile(**{f"{n}_optimizer": plain_descent() for n in model.networks})
    return model


def small_model(made, replicas):
    return model_of(small_networks(replicas), small_translator(), made)


def whole_model(made, replicas):
    networks = build_networks(made.network, made.training.seed, replicas)
    return model_of(networks, build_translator(made.network, "averaged"), made)


@pytest.mark.parametrize(
    "accumulations, objective",
    [
        (1, {"orthogonal": 1e-4, "r1": 0.1}),
        (2, SMALL_SETS),
    ],
)
@pytest.mark.parametrize(
    "make_model",
    [small_model, pytest.param(whole_model, marks=pytest.mark.slow)],
)
def test_one_by_four_equals_two_by_two(
    two_replicas, make_model, accumulations, objective
):
    if make_model is whole_model:  # The small one has no conditional norms.
        objective = objective | {"group_spectral": 0.1, "transition": (0, 4)}
    made = tiny.config(objective, batch_size=4, num_accumulations=accumulations)
    require_one_by_four_is_two_by_two(
        two_replicas, make_model, made, tiny.batch(made)
    )
