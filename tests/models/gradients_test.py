"""Tests of sums over micro-batches."""

import numpy as np
import tensorflow as tf

from deepi2i_tf.config import ObjectiveConfig
from deepi2i_tf.models.gradients import GradientSum
from deepi2i_tf.models.objective import Objective
from deepi2i_tf.networks import build_networks
from tests.networks import tiny


def test_gradients_and_logs_add_up():
    total = GradientSum()
    total.add([tf.constant(1.0), tf.constant([2.0])], {"loss": 0.5})
    total.add([tf.constant(3.0), tf.constant([4.0])], {"loss": 0.25})
    assert float(total.gradients[0]) == 4.0
    np.testing.assert_array_equal(total.gradients[1], [6.0])
    assert total.logs == {"loss": 0.75}


def test_nested_lists_keep_their_shape():
    total = GradientSum()
    for _ in range(3):
        total.add([[tf.constant(1.0)], [], [tf.constant(2.0)]], {})
    nested = tf.nest.map_structure(float, total.gradients)
    assert nested == [[3.0], [], [6.0]]


def test_a_micro_batch_waits_for_the_sum_so_far():
    @tf.function(autograph=False)
    def graph(x):
        total = GradientSum()
        rows = tf.IndexedSlices(tf.fill((1, 2), x), tf.constant([0]))
        with total.turn():
            first = tf.square(x)
            total.add([[first], rows], {})
        with total.turn():
            second = tf.square(x)
        summed = set(second.op.control_inputs)
        assert not first.op.control_inputs
        assert len(summed) == 1
        waited = summed.pop().control_inputs
        assert first.op in waited and rows.values.op in waited
        return second

    graph(tf.constant(1.0))


def test_micro_batches_have_the_gradient_of_the_whole_batch():
    discriminator = build_networks(tiny.CONFIG).discriminator
    objective = Objective(ObjectiveConfig(), global_rows=4)
    fake, real = tiny.images(batch=4), tiny.images(batch=4, seed=1)
    labels = tiny.labels(batch=4)
    # Orthogonal weights: one iteration converges u, so that sigma is the
    # same in every micro-batch.
    discriminator(fake, labels, training=True)

    def gradients(rows):
        variables = discriminator.trainable_variables
        with tf.GradientTape() as tape:
            loss, logs = objective.discriminator_loss(
                discriminator,
                fake[rows],
                labels[rows],
                real[rows],
                labels[rows],
            )
        return tape.gradient(loss, [v.value for v in variables]), logs

    whole, expected = gradients(slice(0, 4))
    total = GradientSum()
    for start in (0, 2):
        total.add(*gradients(slice(start, start + 2)))
    scale = max(np.abs(g).max() for g in whole)
    for one, other in zip(total.gradients, whole, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5 * scale)
    for name, value in expected.items():
        np.testing.assert_allclose(total.logs[name], value, rtol=1e-4)
