"""Tests of the families' classes, and of how a model comes to be."""

import numpy as np

from deepi2i_tf.config import (
    Config,
    NetworkConfig,
    OptimizerConfig,
    TrainingConfig,
)
from deepi2i_tf.models import build_model
from deepi2i_tf.networks import NETWORK_NAMES

NETWORK = NetworkConfig(resolution=32, num_classes=2, ch=1)


def build(**training):
    return build_model(
        Config(
            network=NETWORK,
            optimizer=OptimizerConfig(discriminator_lr=3e-4),
            training=TrainingConfig(**training),
        )
    )


def test_optimizers_are_built_each_with_its_rate():
    model = build()
    assert all(o.built for o in model.optimizers.values())
    rates = {n: float(o.learning_rate) for n, o in model.optimizers.items()}
    assert np.isclose(rates["discriminator"], 3e-4)
    assert np.isclose(rates["generator"], 1e-4)


def test_averages_start_at_the_weights():
    model = build()
    for average, weight in zip(
        model.averaged.weights, model.translator.weights, strict=True
    ):
        np.testing.assert_array_equal(average.numpy(), weight.numpy())


def test_the_seed_alone_decides_the_weights():
    def values(seed):
        named = build(seed=seed).named_weights()
        return {name: weight.numpy() for name, weight in named}

    one, again, other = values(1), values(1), values(2)
    for name in one:
        np.testing.assert_array_equal(one[name], again[name])
    kernel = "generator/generator/linear/kernel"
    assert np.abs(one[kernel] - other[kernel]).max() > 0.1


def test_optimizers_come_with_all_their_slots():
    model = build()
    for name, optimizer in model.optimizers.items():
        # The second moment per weight, the rate and the number of steps.
        weights = len(model.networks[name].trainable_variables)
        assert len(optimizer.variables) == weights + 2


def test_everything_that_moves_is_to_be_saved():
    model = build()
    assert set(model.checkpoint_items()) == {
        *NETWORK_NAMES,
        *(f"{name}_optimizer" for name in NETWORK_NAMES),
        "averaged",
        "step",
    }
    names = [name for name, _ in model.named_weights()]
    assert names == sorted(set(names))
    assert len(model.sigmas()) == sum(
        name.endswith("/sigma") and not name.startswith("averaged/")
        for name in names
    )
