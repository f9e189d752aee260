"""What one step does, against the algorithm written out at length."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import TransferConfig
from deepi2i_tf.models import build_model
from deepi2i_tf.models.micro_batches import cut_rounds
from deepi2i_tf.models.stages import stage_at
from deepi2i_tf.networks import build_networks
from tests.models import tiny


def slow_adapt(networks, source):
    features = networks.encoder(source, training=True)
    return networks.adaptor(features, training=True)


def slow_discriminator(networks, batch, adapted, z, labels):
    """Hinge gradients of D as training.md says it."""
    fake = networks.generator(z, adapted=adapted, labels=labels, training=True)
    variables = networks.discriminator.trainable_variables
    with tf.GradientTape() as tape:
        scores, _ = networks.discriminator(
            tf.concat([fake, batch["target"]], 0),
            tf.concat([labels, batch["target_label"]], 0),
            training=True,
        )
        of_fake, of_real = tf.split(scores, 2)
        loss = tf.reduce_mean(tf.nn.relu(1.0 - of_real))
        loss += tf.reduce_mean(tf.nn.relu(1.0 + of_fake))
    return loss, tape.gradient(loss, [v.value for v in variables])


def slow_generator(networks, batch, z, labels, alphas):
    """Gradients of G, A and E as training.md says it."""
    names = ("encoder", "adaptor", "generator")
    variables = [getattr(networks, name).trainable_variables for name in names]
    with tf.GradientTape() as tape:
        adapted = slow_adapt(networks, batch["source"])
        fake = networks.generator(
            z, adapted=adapted, labels=labels, training=True
        )
        scores, features = networks.discriminator(
            tf.concat([fake, batch["source"]], 0),
            tf.concat([labels, batch["source_label"]], 0),
            training=True,
        )
        loss = -tf.reduce_mean(tf.split(scores, 2)[0])
        for size, feature in features.items():
            of_fake, of_source = tf.split(feature, 2)
            distance = tf.reduce_mean(tf.abs(of_source - of_fake))
            loss += alphas[size] * distance
    gradients = tape.gradient(loss, [[v.value for v in vs] for vs in variables])
    return loss, dict(zip(names, gradients, strict=True))


def assert_close(gradients, expected):
    expected = [tiny.dense(gradient) for gradient in expected]
    scale = max(np.abs(reference).max() for reference in expected)
    for gradient, reference in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(gradient, reference, atol=1e-5 * scale)


def test_a_step_is_the_written_algorithm():
    made = tiny.config({"reconstruction_weights": (0.3, 0.2, 0.1, 0.1)})
    model, batch = tiny.recording(made), tiny.batch(made)
    micro = cut_rounds(batch, tf.constant(0, tf.int64), made)[0][0]
    logs = model.train_step(batch)

    networks = build_networks(made.network, made.training.seed)
    adapted = slow_adapt(networks, batch["source"])
    loss, gradients = slow_discriminator(
        networks, batch, adapted, *micro.discriminator
    )
    np.testing.assert_allclose(logs["discriminator_loss"], loss, rtol=1e-5)
    assert_close(model.optimizers["discriminator"].calls[0], gradients)

    # The encoder's and the adaptor's states moved once, not twice: they
    # start anew, where generator and discriminator go on.
    again = build_networks(made.network, made.training.seed)
    for name in ("encoder", "adaptor"):
        getattr(networks, name).set_weights(getattr(again, name).get_weights())
    loss, gradients = slow_generator(
        networks, batch, *micro.generator, {4: 0.3, 8: 0.2}
    )
    np.testing.assert_allclose(logs["generator_loss"], loss, rtol=1e-5)
    for name, expected in gradients.items():
        assert_close(model.optimizers[name].calls[0], expected)


def test_sharing_the_encoders_pass_gives_the_discriminator_the_same():
    made = tiny.config()
    batch = tiny.batch(made)
    calls = []
    for shared in (True, False):
        model = tiny.recording(made)
        micros = cut_rounds(batch, model.step, made)[0]
        update = model._update_both if shared else model._update_discriminator
        update(micros)
        calls.append(model.optimizers["discriminator"].calls)
    assert len(calls[0]) == len(calls[1]) == 1
    for one, other in zip(calls[0][0], calls[1][0], strict=True):
        np.testing.assert_array_equal(one, other)


def test_two_steps_from_scratch_change_every_weight():
    made = tiny.config()
    model = build_model(made)
    before = tiny.values(model)
    # Attention's gamma starts at 0 and keeps the first step's gradient from
    # what is behind it.
    for seed in range(2):
        logs = model.train_step(tiny.batch(made, seed))
    assert not tiny.unmoved(before, tiny.values(model))
    assert model.step.numpy() == 2
    assert all(np.isfinite(value) for value in logs.values())


def train_two_steps(model, made, begins_at):
    model.step.assign(begins_at)
    model.stage = stage_at(made, begins_at)
    before = tiny.values(model)
    for seed in range(2):
        model.train_step(tiny.batch(made, seed))
    return tiny.unmoved(before, tiny.values(model))


@pytest.mark.parametrize(
    "begins_at, frozen", [(0, ("encoder", "generator")), (9, ("encoder",))]
)
def test_what_a_transfer_stage_freezes(begins_at, frozen):
    made = tiny.config(stage="transfer", warmup_steps=9)
    model = build_model(made)
    same = train_two_steps(model, made, begins_at)
    # Moving statistics and u stand still too, and so do their averages.
    expected = {
        name
        for name, _ in model.named_weights()
        if name.removeprefix("averaged/").startswith(frozen)
        and not name.endswith("/sigma")
    }
    assert same == expected


@pytest.mark.parametrize(
    "stage, freeze, trains",
    [
        ("transfer", (), ("adaptor", "discriminator")),
        ("scratch", ("discriminator",), ("encoder", "adaptor", "generator")),
        ("scratch", ("adaptor", "generator"), ("encoder", "discriminator")),
        ("scratch", tiny.TRANSLATOR, ("discriminator",)),
    ],
)
def test_not_a_state_of_a_frozen_network_moves(stage, freeze, trains):
    transfer = TransferConfig(freeze=freeze)
    made = dataclasses.replace(tiny.config(stage=stage), transfer=transfer)
    model = build_model(made)
    # Sigmas of 1 could stay so by chance, and gammas of 0 hide gradients.
    for name, weight in model.named_weights():
        if name.endswith(("/sigma", "/gamma")):
            weight.assign(0.5)
    before = tiny.values(model)
    for seed in range(2):
        model.train_step(tiny.batch(made, seed))
    after = tiny.values(model)
    for name, value in before.items():
        still = np.array_equal(value, after[name])
        moves = name.removeprefix("averaged/").startswith(trains)
        assert still != moves, name


def test_two_discriminator_steps_see_their_own_images():
    made = tiny.config(discriminator_steps=2)
    model = tiny.recording(made)
    batch = tiny.batch(made)
    model.train_step(batch)
    calls = model.optimizers["discriminator"].calls
    assert len(calls) == 2
    assert len(model.optimizers["generator"].calls) == 1
    assert not np.allclose(calls[0][0], calls[1][0])
    changed = {key: rows.copy() for key, rows in batch.items()}
    changed["target"][2:] = 0.0
    other = tiny.recording(made)
    other.train_step(changed)
    others = other.optimizers["discriminator"].calls
    np.testing.assert_array_equal(calls[0][0], others[0][0])
    assert not np.allclose(calls[1][0], others[1][0])


def test_accumulation_makes_one_update_of_every_micro_batch():
    made = tiny.config(num_accumulations=2)
    model = tiny.recording(made)
    logs = model.train_step(tiny.batch(made))
    for optimizer in model.optimizers.values():
        assert len(optimizer.calls) == 1
    np.testing.assert_allclose(
        logs["discriminator_loss"],
        logs["discriminator_real"] + logs["discriminator_fake"],
        rtol=1e-5,
    )
