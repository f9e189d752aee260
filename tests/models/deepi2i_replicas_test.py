"""One replica of four images is two replicas of two."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.models import DeepI2I, build_translator
from deepi2i_tf.networks import build_networks
from tests.models import tiny

REPLICAS = 2


def build_model(made, num_replicas=1):
    """A model with plain gradient descent.

    Adam's first step divides a gradient by its size. Where it is zero but for
    rounding, as that of a bias before batch normalisation, rounding would be
    what is compared.
    """
    networks = build_networks(made.network, made.training.seed, num_replicas)
    optimizers = {}
    for name, network in networks.items():
        optimizers[name] = keras.optimizers.SGD(1e-2)
        optimizers[name].build(network.trainable_variables)
    averaged = build_translator(made.network, "averaged")
    return DeepI2I(networks, averaged, optimizers, made)


def step_on_one(made, batch):
    model = build_model(made)
    return model, model.train_step(batch)


def step_on_two(strategy, made, batch):
    with strategy.scope():
        model = build_model(made, REPLICAS)
    micros = made.training.num_accumulations
    return model, on_two(strategy, model, micros, batch)


def on_two(strategy, model, micros, batch):
    """The logs of one step that two replicas share."""

    def rows_of(context, rows):
        # Micro-batch by micro-batch, as deepi2i_tf.training deals them out.
        parts = np.split(rows, micros * REPLICAS)
        mine = parts[context.replica_id_in_sync_group :: REPLICAS]
        return tf.constant(np.concatenate(mine))

    dealt = {
        key: strategy.experimental_distribute_values_from_function(
            lambda context, rows=rows: rows_of(context, rows)
        )
        for key, rows in batch.items()
    }

    @tf.function(autograph=False)
    def step(local):
        logs = strategy.run(model.train_step, args=(local,))
        return {
            name: strategy.reduce("SUM", value, axis=None)
            for name, value in logs.items()
        }

    return step(dealt)


@pytest.mark.parametrize(
    "accumulations, objective", [(1, {"orthogonal": 1e-4, "r1": 0.1}), (2, {})]
)
def test_one_by_four_equals_two_by_two(two_replicas, accumulations, objective):
    made = tiny.config(objective, batch_size=4, num_accumulations=accumulations)
    batch = tiny.batch(made)
    alone, expected = step_on_one(made, batch)
    shared, logs = step_on_two(two_replicas, made, batch)
    assert logs.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(
            logs[name], value, rtol=1e-5, atol=1e-6, err_msg=name
        )
    weights = dict(shared.named_weights())
    for name, value in tiny.values(alone).items():
        copies = two_replicas.experimental_local_results(weights[name].value)
        for copy in copies:
            np.testing.assert_allclose(
                copy, value, rtol=1e-5, atol=1e-5, err_msg=name
            )
    assert shared.step.numpy() == 1
