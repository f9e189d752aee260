"""Tests of the random part of a step."""

import numpy as np
import tensorflow as tf

from deepi2i_tf.models import noise


def draw(*arguments):
    (pair,) = noise.draw(*arguments)
    return pair


STEP = tf.constant(7, tf.int64)


def test_noise_is_a_function_of_seed_step_and_phase():
    first, labels = draw(3, STEP, 1, 64, 5, 4)
    again, same = draw(3, STEP, 1, 64, 5, 4)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(labels, same)
    for other in ((4, STEP, 1), (3, STEP + 1, 1), (3, STEP, 2)):
        assert np.abs(draw(*other, 64, 5, 4)[0] - first).max() > 0.1


def test_z_is_standard_normal_and_classes_are_uniform():
    z, labels = draw(0, STEP, 0, 4000, 10, 4)
    np.testing.assert_allclose(np.mean(z), 0.0, atol=0.02)
    np.testing.assert_allclose(np.std(z), 1.0, atol=0.02)
    shares = np.bincount(labels, minlength=4) / 4000
    np.testing.assert_allclose(shares, 0.25, atol=0.03)


def test_z_and_classes_do_not_share_a_stream():
    z, labels = draw(0, STEP, 0, 4000, 1, 2)
    correlation = np.corrcoef(np.ravel(z), labels)[0, 1]
    assert abs(correlation) < 0.06


def test_replicas_see_the_two_halves_of_the_global_draw(two_replicas):
    @tf.function
    def drawn():
        return two_replicas.run(lambda: draw(3, STEP, 1, 4, 5, 100))

    z, labels = drawn()
    whole_z, whole_labels = draw(3, STEP, 1, 4, 5, 100)
    gathered = np.concatenate(two_replicas.experimental_local_results(z))
    np.testing.assert_array_equal(gathered, whole_z)
    halves = two_replicas.experimental_local_results(labels)
    np.testing.assert_array_equal(np.concatenate(halves), whole_labels)
    assert np.abs(gathered[:2] - gathered[2:]).max() > 0.1


def test_no_hidden_state_enters():
    tf.random.set_seed(1)
    first, _ = draw(3, STEP, 1, 4, 5, 4)
    tf.random.set_seed(2)
    tf.random.normal((3,))
    np.testing.assert_array_equal(draw(3, STEP, 1, 4, 5, 4)[0], first)


def test_micro_batches_are_cut_before_replicas(two_replicas):
    @tf.function
    def drawn():
        return two_replicas.run(lambda: noise.draw(3, STEP, 1, 8, 5, 100, 2))

    whole, _ = draw(3, STEP, 1, 8, 5, 100)
    for micro, (z, _) in enumerate(drawn()):
        parts = two_replicas.experimental_local_results(z)
        rows = slice(4 * micro, 4 * micro + 4)
        np.testing.assert_array_equal(np.concatenate(parts), whole[rows])
