"""One step of a model on one replica, and the same step on two."""

import keras
import numpy as np
import tensorflow as tf

from tests.models import tiny

REPLICAS = 2


def plain_descent() -> keras.optimizers.Optimizer:
    """Gradient descent.

    Adam's first step divides a gradient by its size. Where it is zero but for
    rounding, as that of a bias before batch normalisation, rounding would be
    what is compared.
    """
    return keras.optimizers.SGD(1e-2)


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


def require_one_by_four_is_two_by_two(strategy, make_model, made, batch):
    """A step of one replica of four images is that of two replicas of two.

    Args:
        strategy: of two replicas.
        make_model: `make_model(made, replicas)`.
        made: the experiment.
        batch: of four images in each micro-batch.
    """
    alone = make_model(made, 1)
    expected = alone.train_step(batch)
    with strategy.scope():
        shared = make_model(made, REPLICAS)
    logs = on_two(strategy, shared, made.training.num_accumulations, batch)
    assert logs.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(
            logs[name], value, rtol=1e-5, atol=1e-6, err_msg=name
        )
    weights = dict(shared.named_weights())
    for name, value in tiny.values(alone).items():
        copies = strategy.experimental_local_results(weights[name].value)
        assert len(copies) == REPLICAS
        for copy in copies:
            np.testing.assert_allclose(
                copy, value, rtol=1e-5, atol=1e-5, err_msg=name
            )
    assert shared.step.numpy() == 1
