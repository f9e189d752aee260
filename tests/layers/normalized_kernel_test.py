"""The written-out gradients, beside what automatic differentiation finds."""

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.layers.normalized_kernel import Iteration, product, quotient


def normal(*shape, seed=0, kind=tf.float64):
    draw = np.random.default_rng(seed).standard_normal(shape)
    return tf.constant(draw, kind)


def as_matrix(weight, outputs_first=False):
    if outputs_first:
        return tf.transpose(weight)
    return tf.reshape(weight, (-1, weight.shape[-1]))


def iterate(weight, outputs_first=False):
    matrix = as_matrix(weight, outputs_first)
    constant = tf.stop_gradient(matrix)
    v = normal(1, matrix.shape[1], seed=9, kind=weight.dtype) @ tf.transpose(
        constant
    )
    v = v / tf.norm(v)
    u = v @ constant
    u = u / tf.norm(u)
    return Iteration(v, u, tf.reduce_sum((v @ matrix) * u))


def slow_quotient(weight, outputs_first=False):
    return weight / iterate(weight, outputs_first).sigma


def slow_product(rows, weight):
    return rows @ as_matrix(slow_quotient(weight))


def with_gradients(function, *inputs):
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = function(*inputs)
        loss = tf.reduce_sum(tf.sin(tf.cast(outputs, tf.float64)))
    return outputs, *tape.gradient(loss, inputs)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("shape", "outputs_first"),
    [((3, 3, 4, 5), False), ((6, 5), False), ((7, 5), True)],
)
def test_quotient_is_the_slow_one_with_its_gradient(
    shape, outputs_first, compiled
):
    def fast(weight):
        return quotient(weight, iterate(weight, outputs_first), outputs_first)

    def both(weight):
        slow = with_gradients(lambda w: slow_quotient(w, outputs_first), weight)
        return with_gradients(fast, weight), slow

    found, slow = (tf.function(both) if compiled else both)(normal(*shape))
    for one, other in zip(found, slow, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("shape", [(3, 3, 4, 5), (6, 5)])
def test_product_is_the_slow_one_with_its_gradients(shape, compiled):
    rows = normal(8, int(np.prod(shape[:-1])), seed=1)

    def fast(rows, weight):
        return product(rows, weight, iterate(weight))

    def both(rows, weight):
        found = with_gradients(fast, rows, weight)
        return found, with_gradients(slow_product, rows, weight)

    run = tf.function(both) if compiled else both
    for one, other in zip(*run(rows, normal(*shape)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("compiled", [False, True])
def test_gradients_can_be_differentiated_again_as_r1_asks(compiled):
    rows, weight = normal(3, 6, seed=1), normal(6, 5)

    def penalty(function, weight):
        with tf.GradientTape() as outer:
            outer.watch(weight)
            with tf.GradientTape() as inner:
                inner.watch(rows)
                score = tf.reduce_sum(tf.tanh(function(rows, weight)))
            slopes = inner.gradient(score, rows)
            total = tf.reduce_sum(slopes**2)
        return outer.gradient(total, weight)

    def by_product(rows, weight):
        return product(rows, weight, iterate(weight))

    def by_quotient(rows, weight):
        return rows @ quotient(weight, iterate(weight))

    run = tf.function(penalty) if compiled else penalty
    slow = run(slow_product, weight)
    assert np.abs(slow).max() > 0.01
    for fast in (by_product, by_quotient):
        np.testing.assert_allclose(run(fast, weight), slow, rtol=1e-10)


@pytest.mark.parametrize("kind", [tf.bfloat16, tf.float16])
def test_half_precision_computes_in_its_type_and_trains_float32(kind):
    rows, weight = normal(64, 90, seed=1), normal(90, 40)
    _, expected_rows, expected = with_gradients(slow_product, rows, weight)

    def fast(rows, weight):
        return product(rows, weight, iterate(weight))

    outputs, by_rows, by_weight = with_gradients(
        fast, tf.cast(rows, kind), tf.cast(weight, tf.float32)
    )
    assert outputs.dtype == kind and by_rows.dtype == kind
    assert by_weight.dtype == tf.float32
    coarse = float(tf.cast(tf.constant(1.0), kind).dtype == tf.bfloat16)
    allowed = 0.02 if coarse else 0.003
    for one, other in ((by_rows, expected_rows), (by_weight, expected)):
        error = np.abs(tf.cast(one, tf.float64) - other).max()
        assert error <= 3 * allowed * np.abs(other).max()


def test_the_narrowed_weight_is_not_kept_for_the_gradient():
    # All networks' copies, 0.6 GB at 128 px and ch 96, were there at once.
    def fast(rows, weight):
        return product(rows, weight, iterate(weight))

    @tf.function
    def run(rows, weight):
        return with_gradients(fast, rows, weight)

    shapes = tf.TensorSpec((64, 90), tf.bfloat16), tf.TensorSpec((90, 40))
    graph = run.get_concrete_function(*shapes).graph
    forward, backward = (
        op
        for op in graph.get_operations()
        if op.type == "Cast"
        and op.outputs[0].shape == (90, 40)
        and op.outputs[0].dtype == tf.bfloat16
    )
    assert not forward.control_inputs
    (before,) = backward.control_inputs
    assert before.outputs[0].shape == (64, 40)


def test_the_row_of_sigma_stays_in_float16s_range():
    # <dL/dy, y> is 2.6e6 here, forty times what float16 can hold.
    rows = tf.ones((64, 900), tf.float16)
    weight = tf.ones((900, 40))
    with tf.GradientTape() as tape:
        tape.watch(weight)
        outputs = product(rows, weight, iterate(weight))
    upstream = 6.5 * tf.ones_like(outputs)
    gradient = tape.gradient(outputs, weight, output_gradients=upstream)
    # All of the gradient is along v^T u here, and W / sigma does not change
    # with the scale of W.
    scale = np.abs(64 * 6.5 / 190)
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() < 0.01 * scale
