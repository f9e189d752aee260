"""Tests of micro-batches: their images, draws and sums."""

import dataclasses

import numpy as np
import tensorflow as tf

from deepi2i_tf.config import (
    Config,
    NetworkConfig,
    ObjectiveConfig,
    TrainingConfig,
)
from deepi2i_tf.models.micro_batches import GradientSum, cut_rounds
from deepi2i_tf.models.noise import draw
from deepi2i_tf.models.objective import Objective
from deepi2i_tf.networks import build_networks
from tests.networks import tiny

STEP = tf.constant(2, tf.int64)


def cut(**training):
    config = Config(
        network=NetworkConfig(resolution=32, num_classes=3),
        training=TrainingConfig(batch_size=2, **training),
    )
    rows = config.training.images_per_step
    batch = {"source": tf.range(rows), "target": -tf.range(rows)}
    return config, cut_rounds(batch, STEP, config)


def test_images_are_cut_in_order():
    _, rounds = cut(num_accumulations=3, discriminator_steps=2)
    sources = [
        [list(micro.images["source"].numpy()) for micro in micros]
        for micros in rounds
    ]
    assert sources == [[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, 11]]]


def test_accumulated_draws_are_those_of_the_larger_batch():
    config, ((*micros,),) = cut(num_accumulations=3)
    whole = dataclasses.replace(config, training=TrainingConfig(batch_size=6))
    ((z, labels),) = draw(whole, STEP, 0)
    parts = [micro.generator for micro in micros]
    np.testing.assert_array_equal(np.concatenate([p[0] for p in parts]), z)
    np.testing.assert_array_equal(np.concatenate([p[1] for p in parts]), labels)


def test_phases_and_rounds_draw_differently():
    _, ((one,), (two,)) = cut(discriminator_steps=2)
    assert np.abs(one.discriminator[0] - two.discriminator[0]).max() > 0.1
    assert np.abs(one.discriminator[0] - one.generator[0]).max() > 0.1
    np.testing.assert_array_equal(one.generator[0], two.generator[0])


def drawing(rows, dim_z=40, num_classes=4, seed=3, **training):
    """A configuration of 4 slots of z at 32 pixels."""
    return Config(
        network=NetworkConfig(
            resolution=32, num_classes=num_classes, dim_z=dim_z
        ),
        training=TrainingConfig(batch_size=rows, seed=seed, **training),
    )


def test_noise_is_a_function_of_seed_step_and_phase():
    ((first, labels),) = draw(drawing(64), STEP, 1)
    ((again, same),) = draw(drawing(64), STEP, 1)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(labels, same)
    for other in (
        (drawing(64, seed=4), STEP, 1),
        (drawing(64), STEP + 1, 1),
        (drawing(64), STEP, 2),
    ):
        assert np.abs(draw(*other)[0][0] - first).max() > 0.1


def test_z_is_standard_normal_and_classes_are_uniform():
    ((z, labels),) = draw(drawing(4000), STEP, 0)
    np.testing.assert_allclose(np.mean(z), 0.0, atol=0.02)
    np.testing.assert_allclose(np.std(z), 1.0, atol=0.02)
    fractions = np.bincount(labels, minlength=4) / 4000
    np.testing.assert_allclose(fractions, 0.25, atol=0.03)


def test_z_and_classes_do_not_share_a_stream():
    ((z, labels),) = draw(drawing(4000, num_classes=2), STEP, 0)
    correlation = np.corrcoef(z[:, 0], labels)[0, 1]
    assert abs(correlation) < 0.06


def test_replicas_see_the_two_halves_of_the_global_draw(two_replicas):
    config = drawing(4, num_classes=100)

    @tf.function
    def drawn():
        return two_replicas.run(lambda: draw(config, STEP, 1))

    ((z, labels),) = drawn()
    ((whole_z, whole_labels),) = draw(config, STEP, 1)
    gathered = np.concatenate(two_replicas.experimental_local_results(z))
    np.testing.assert_array_equal(gathered, whole_z)
    halves = two_replicas.experimental_local_results(labels)
    np.testing.assert_array_equal(np.concatenate(halves), whole_labels)
    assert np.abs(gathered[:2] - gathered[2:]).max() > 0.1


def test_no_hidden_state_enters():
    tf.random.set_seed(1)
    ((first, _),) = draw(drawing(4), STEP, 1)
    tf.random.set_seed(2)
    tf.random.normal((3,))
    np.testing.assert_array_equal(draw(drawing(4), STEP, 1)[0][0], first)


def test_micro_batches_are_cut_before_replicas(two_replicas):
    config = drawing(4, num_accumulations=2)

    @tf.function
    def drawn():
        return two_replicas.run(lambda: draw(config, STEP, 1))

    ((whole, _),) = draw(drawing(8), STEP, 1)
    for micro, (z, _) in enumerate(drawn()):
        parts = two_replicas.experimental_local_results(z)
        rows = slice(4 * micro, 4 * micro + 4)
        np.testing.assert_array_equal(np.concatenate(parts), whole[rows])


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
                (fake[rows], labels[rows]),
                (real[rows], labels[rows]),
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
