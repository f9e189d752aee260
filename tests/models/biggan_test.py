"""What one step of BigGAN does, against the algorithm written out."""

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.models import BigGAN, build_model
from deepi2i_tf.models.micro_batches import cut_rounds
from deepi2i_tf.networks import build_network, build_networks
from tests.models import tiny
from tests.models.on_replicas import (
    plain_descent,
    require_one_by_four_is_two_by_two,
)
from tests.models.small_networks import small_networks

NAMES = ("generator", "discriminator")


def config(objective=None, **training):
    return tiny.config(objective, stage="pretrain", **training)


def batch_of(made, seed=0):
    """The targets alone: BigGAN reads nothing else."""
    rows = tiny.batch(made, seed).items()
    return {name: value for name, value in rows if name.startswith("target")}


def model_with(made, make_optimizer, num_replicas=1):
    networks = build_networks(made.network, made.training.seed, num_replicas)
    averaged = build_network("generator", made.network)
    return of_networks(networks, averaged, made, make_optimizer)


def of_networks(networks, averaged, made, make_optimizer):
    chosen = {name: getattr(networks, name) for name in NAMES}
    model = BigGAN(made, networks=chosen, averaged=averaged)
    model.compile(**{f"{name}_optimizer": make_optimizer() for name in NAMES})
    return model


def slow_step(networks, batch, first, second):
    """Gradients of D, then of G, with plain hinge losses."""
    generator, discriminator = networks.generator, networks.discriminator
    z, labels = first
    fake = generator(z, labels=labels, training=True)
    with tf.GradientTape() as tape:
        scores, _ = discriminator(
            tf.concat([fake, batch["target"]], 0),
            tf.concat([labels, batch["target_label"]], 0),
            training=True,
        )
        of_fake, of_real = scores[: len(fake)], scores[len(fake) :]
        d_loss = tf.reduce_mean(tf.nn.relu(1.0 - of_real)) + tf.reduce_mean(
            tf.nn.relu(1.0 + of_fake)
        )
    variables = [v.value for v in discriminator.trainable_variables]
    d_gradients = tape.gradient(d_loss, variables)
    z, labels = second
    with tf.GradientTape() as tape:
        fake = generator(z, labels=labels, training=True)
        g_loss = -tf.reduce_mean(discriminator(fake, labels, training=True)[0])
    variables = [v.value for v in generator.trainable_variables]
    return (d_loss, d_gradients), (g_loss, tape.gradient(g_loss, variables))


def test_a_step_is_the_written_algorithm():
    made = config()
    model, batch = model_with(made, tiny.Recorder), batch_of(made)
    micro = cut_rounds(batch, tf.constant(0, tf.int64), made)[0][0]
    logs = model.train_step(batch)
    networks = build_networks(made.network, made.training.seed)
    expected = slow_step(networks, batch, micro.discriminator, micro.generator)
    for name, (loss, gradients) in zip(reversed(NAMES), expected, strict=True):
        np.testing.assert_allclose(logs[f"{name}_loss"], loss, rtol=1e-5)
        (got,) = model.optimizers[name].calls
        dense = [tiny.dense(gradient) for gradient in gradients]
        scale = max(np.abs(gradient).max() for gradient in dense)
        for one, other in zip(got, dense, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5 * scale)


def test_steps_move_every_weight_and_the_averages_follow():
    made = config()
    model = build_model(made)
    before = tiny.values(model)
    assert set(model.checkpoint_items()) == {
        *NAMES, "generator_optimizer", "discriminator_optimizer", "averaged",
        "step",
    }  # fmt: skip
    for seed in range(2):
        model.train_step(batch_of(made, seed))
    after = tiny.values(model)
    assert not tiny.unmoved(before, after)
    assert model.step.numpy() == 2
    for name, value in after.items():
        if name.endswith(("/u", "/moving_mean", "/moving_variance")):
            live = name.replace("averaged/", "generator/", 1)
            np.testing.assert_array_equal(value, after[live], err_msg=name)
    kernels = [name for name in after if name.startswith("averaged/")]
    kernels = [name for name in kernels if name.endswith("/kernel")]
    assert kernels
    for name in kernels:
        live = name.replace("averaged/", "generator/", 1)
        assert not np.array_equal(after[name], after[live])


def test_checkpointed_averages_bear_a_generators_paths():
    items = build_model(config()).checkpoint_items()
    assert items["averaged"].keys() == items["generator"].keys()


@pytest.mark.parametrize(
    "objective, training",
    [
        ({"loss": "softplus", "r1": 1.0, "orthogonal": 1e-4}, {}),
        ({}, {"num_accumulations": 2, "discriminator_steps": 2}),
    ],
)
def test_every_option_trains(objective, training):
    made = config(objective, **training)
    model = model_with(made, tiny.Recorder)
    logs = model.train_step(batch_of(made))
    assert all(np.isfinite(value) for value in logs.values())
    assert ("r1" in logs) == ("r1" in objective)
    rounds = made.training.discriminator_steps
    assert len(model.optimizers["discriminator"].calls) == rounds
    assert len(model.optimizers["generator"].calls) == 1


def small_model(made, replicas):
    networks = small_networks(replicas)
    averaged = small_networks().generator
    return of_networks(networks, averaged, made, plain_descent)


def whole_model(made, replicas):
    return model_with(made, plain_descent, replicas)


@pytest.mark.parametrize(
    "make_model",
    [small_model, pytest.param(whole_model, marks=pytest.mark.slow)],
)
def test_one_by_four_equals_two_by_two(two_replicas, make_model):
    objective = {"orthogonal": 1e-4, "r1": 0.1}
    made = config(objective, batch_size=4, num_accumulations=2)
    require_one_by_four_is_two_by_two(
        two_replicas, make_model, made, batch_of(made)
    )
