import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.models import loss_scaling
from deepi2i_tf.models.loss_scaling import LossScaling, scaled_gradients

INFINITE = float("inf")


def weight(start=1.0):
    return tf.Variable([start, start])


def scaling(variable, scale=2.0**15, **options):
    """Plain descent at rate 1: a step is the gradient."""
    optimizer = LossScaling(
        keras.optimizers.SGD(1.0), initial_scale=scale, **options
    )
    optimizer.build([variable])
    return optimizer


def test_a_gradient_too_small_for_float16_comes_through():
    # 1e-9 is zero in float16, 2^15 times as much is not.
    w = weight()
    with tf.GradientTape(persistent=True) as tape:
        half = tf.cast(w, tf.float16)
        loss = 1e-9 * tf.reduce_sum(tf.cast(half, tf.float32))
    (plain,) = scaled_gradients(tape, loss, [w], None)
    (scaled,) = scaled_gradients(tape, loss, [w], tf.constant(2.0**15))
    np.testing.assert_array_equal(plain, [0.0, 0.0])
    # float16 has 11 bits.
    np.testing.assert_allclose(scaled, [1e-9, 1e-9], rtol=2.0**-11)


def test_nested_variables_and_looked_up_rows():
    table, w = tf.Variable(tf.ones((3, 2))), weight()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.gather(table, [1, 1]) * w)
    rows, (plain,) = scaled_gradients(
        tape, loss, [table, [w]], tf.constant(64.0)
    )
    assert isinstance(rows, tf.IndexedSlices)
    np.testing.assert_array_equal(
        tf.convert_to_tensor(rows), [[0, 0], [2, 2], [0, 0]]
    )
    np.testing.assert_array_equal(plain, [2.0, 2.0])


def test_finite_gradients_are_applied_as_they_are():
    w = weight()
    optimizer = scaling(w)
    optimizer.apply([tf.constant([0.1, 0.7])], [w])
    np.testing.assert_array_equal(w, np.float32(1) - np.float32([0.1, 0.7]))
    assert float(optimizer.dynamic_scale) == 2.0**15
    assert int(optimizer.step_counter) == 1


@pytest.mark.parametrize("bad", [INFINITE, -INFINITE, float("nan")])
def test_an_update_that_is_not_finite_is_skipped(bad):
    w = weight()
    optimizer = scaling(w)
    optimizer.apply([tf.constant([0.1, bad])], [w])
    np.testing.assert_array_equal(w, [1.0, 1.0])
    assert float(optimizer.dynamic_scale) == 2.0**14
    assert int(optimizer.iterations) == 0


def test_the_scale_grows_after_updates_in_a_row():
    w = weight()
    optimizer = scaling(w, scale=8.0, dynamic_growth_steps=2)
    scales = []
    for value in (0.0, 0.0, INFINITE, 0.0, 0.0, 0.0):
        optimizer.apply([tf.constant([0.0, value])], [w])
        scales.append(float(optimizer.dynamic_scale))
    assert scales == [8.0, 16.0, 8.0, 8.0, 16.0, 16.0]


def test_one_replica_s_overflow_skips_the_update_of_all(two_replicas):
    with two_replicas.scope():
        w = weight()
        optimizer = scaling(w)

    @tf.function(autograph=False)
    def step(first, second):
        def one():
            context = tf.distribute.get_replica_context()
            mine = tf.stack([first, second])[context.replica_id_in_sync_group]
            optimizer.apply([tf.fill([2], mine)], [w])

        two_replicas.run(one)

    step(tf.constant(0.25), tf.constant(INFINITE))
    copies = two_replicas.experimental_local_results
    for copy, scale in zip(
        copies(w), copies(optimizer.dynamic_scale.value), strict=True
    ):
        np.testing.assert_array_equal(copy, [1.0, 1.0])
        assert float(scale) == 2.0**14
    step(tf.constant(0.25), tf.constant(0.5))
    for copy in copies(w):
        np.testing.assert_array_equal(copy, [0.25, 0.25])


def test_a_loss_takes_the_smallest_scale():
    one, other = scaling(weight(), 4.0), scaling(weight(), 2.0)
    assert float(loss_scaling.loss_scale([one, other])) == 2.0
    plain = keras.optimizers.SGD(1.0)
    assert loss_scaling.loss_scale([plain]) is None
    assert loss_scaling.loss_scale([]) is None


def test_a_network_that_never_moves_again_shows_in_the_logs():
    optimizers = {
        "encoder": scaling(weight(), 4.0),
        "d": keras.optimizers.SGD(),
    }
    logs = loss_scaling.scale_logs(optimizers)
    assert {k: float(v) for k, v in logs.items()} == {
        "log2_loss_scale/encoder": 2.0
    }
    optimizers["encoder"].dynamic_scale.assign(0.0)
    (log,) = loss_scaling.scale_logs(optimizers).values()
    assert not np.isfinite(log)
