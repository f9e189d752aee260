import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.layers import BatchNorm, ConditionalBatchNorm

EPSILON = 1e-5


def normal(*shape, seed=0):
    draw = np.random.default_rng(seed).standard_normal(shape)
    return (1.0 + 2.0 * draw).astype(np.float32)


def plain():
    layer = BatchNorm()
    layer.build((None, 3, 2, 4))
    layer.gain.assign(normal(4, seed=1))
    layer.bias.assign(normal(4, seed=2))
    return layer


def conditional(replicas=1):
    layer = ConditionalBatchNorm(replicas=replicas)
    layer.build((None, 3, 2, 4), (None, 5))
    for seed, part in enumerate((layer.gain, layer.bias)):
        part.raw_weight.assign(normal(5, 4, seed=seed + 3))
        part.u.assign(normal(1, 4, seed=seed + 5))
    return layer


def normalized(x, mean, variance):
    return (x - mean) / np.sqrt(variance + EPSILON)


def linear(part, condition):
    """What a spectral dense layer of the condition gives before it moves."""
    matrix, u = part.raw_weight.numpy().T, part.u.numpy()
    v = u @ matrix / np.linalg.norm(u @ matrix)
    sigma = np.linalg.norm(v @ matrix.T)
    return (condition @ matrix.T / sigma)[:, None, None, :]


def test_plain_training_takes_the_batch():
    layer, x = plain(), normal(3, 3, 2, 4)
    expected = normalized(x, x.mean((0, 1, 2)), x.var((0, 1, 2)))
    expected = expected * normal(4, seed=1) + normal(4, seed=2)
    outputs = layer(x, training=True)
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-5)


def test_moving_averages_take_the_unbiased_variance():
    layer, x = plain(), normal(3, 3, 2, 4)
    for _ in range(2):
        layer(x, training=True)
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2), ddof=1)
    # Twice 0.9 of the start and 0.1 of the batch; starts are 0 and 1.
    np.testing.assert_allclose(layer.moving_mean, 0.19 * mean, rtol=1e-5)
    np.testing.assert_allclose(
        layer.moving_variance, 0.81 + 0.19 * variance, rtol=1e-5
    )


def test_plain_inference_takes_the_moving_averages_and_moves_nothing():
    layer, x = plain(), normal(3, 3, 2, 4)
    layer.moving_mean.assign(normal(4, seed=7))
    layer.moving_variance.assign(np.square(normal(4, seed=8)))
    expected = normalized(x, normal(4, seed=7), np.square(normal(4, seed=8)))
    expected = expected * normal(4, seed=1) + normal(4, seed=2)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(layer.moving_mean, normal(4, seed=7))


def test_one_value_per_channel_does_not_divide_by_zero():
    outputs = plain()(normal(3, 3, 2, 4)[:1, :1, :1], training=True)
    assert np.isfinite(outputs).all()


@pytest.mark.parametrize("training", [True, False])
def test_conditional_gain_and_bias(training):
    layer, x, c = conditional(), normal(3, 3, 2, 4), normal(3, 5, seed=9)
    layer.moving_mean.assign(normal(4, seed=7))
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    if not training:
        mean, variance = normal(4, seed=7), np.ones(4)
    expected = (1.0 + linear(layer.gain, c)) * normalized(x, mean, variance)
    expected = expected + linear(layer.bias, c)
    u = layer.gain.u.numpy()
    outputs = layer(x, c, training=training)
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-4)
    assert np.array_equal(layer.gain.u, u) != training


def test_a_frozen_layer_in_training_still_takes_the_batch():
    layer, x, c = conditional(), normal(3, 3, 2, 4), normal(3, 5, seed=9)
    twin = conditional()
    layer.trainable = False
    np.testing.assert_array_equal(
        layer(x, c, training=True), twin(x, c, training=True)
    )


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_mixed_precision_keeps_statistics_in_float32(kind):
    keras.config.set_dtype_policy(f"mixed_{kind}")
    layer = ConditionalBatchNorm()
    # A mean far from zero: in bfloat16 1000 and 1001 are one number, and in
    # float16 1e6, its square, is none.
    x = 1000.0 + normal(3, 3, 2, 4)
    outputs = layer(x, normal(3, 5), training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == kind
    assert layer.moving_variance.dtype == "float32"
    assert np.isfinite(tf.cast(outputs, tf.float32)).all()


# Keras itself, while it writes.
@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_saved_and_loaded_with_its_averages(tmp_path):
    inputs = keras.Input((3, 2, 4))
    model = keras.Model(inputs, BatchNorm()(inputs))
    model(normal(3, 3, 2, 4), training=True)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(
        tmp_path / "model.keras", {"BatchNorm": BatchNorm}
    )
    x = normal(2, 3, 2, 4, seed=1)
    np.testing.assert_array_equal(again(x), model(x))


def test_two_replicas_equal_one(two_replicas):
    x, c = normal(4, 3, 2, 4), normal(4, 5, seed=9)
    alone = conditional()
    expected = alone(x, c, training=True)
    with two_replicas.scope():
        shared = conditional(replicas=2)

    @tf.function
    def step():
        context = tf.distribute.get_replica_context()
        start = 2 * context.replica_id_in_sync_group
        rows, condition = (
            tf.constant(whole)[start : start + 2] for whole in (x, c)
        )
        return shared(rows, condition, training=True)

    outputs = two_replicas.experimental_local_results(two_replicas.run(step))
    # 1e-4: the synchronised variance is E(x^2) - E(x)^2 in float32.
    np.testing.assert_allclose(np.concatenate(outputs), expected, atol=1e-4)
    for name in ("moving_mean", "moving_variance"):
        for copy in two_replicas.experimental_local_results(
            getattr(shared, name).value
        ):
            np.testing.assert_allclose(copy, getattr(alone, name), rtol=1e-5)
