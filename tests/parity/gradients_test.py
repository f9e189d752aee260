"""Losses and gradients against the authors' PyTorch code.

Tolerances, of the largest reference value: in float64, 1e-6 on everything; in
float32, 1e-5 on losses and 1e-2 on gradients. The gradient of a relu jumps at
0, and which of some million values are rounded to its other side depends on
how a processor's convolutions add up: the worst gradient was seen 5e-6 off on
an AMD processor and 4.9e-3 on an Intel one with AVX-512, there 1.2e-7 in
float64. Every block of numbers starts from freshly drawn weights.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import ObjectiveConfig
from deepi2i_tf.losses.reconstruction import l1_distance
from deepi2i_tf.models.objective import Objective
from deepi2i_tf.networks import build_networks
from deepi2i_tf.pytorch.upstream_names import upstream_entries
from tests.parity import drawn_weights, golden

LOSSES = ("hinge", "softplus")
# Labels of the sources beside the fakes' own 0 and 1: [0, 1, 2, 3] in all.
SOURCE_LABELS = np.array([2, 3], np.int32)
BATCH = 2


TOLERANCES = {
    "float64": {"loss": golden.FLOAT64_TOLERANCE, "gradient": 1e-6},
    "float32": {"loss": 1e-5, "gradient": 1e-2},
}


@pytest.fixture(scope="module", params=["float64", "float32"])
def dtype(request):
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy(usual)


@pytest.fixture(scope="module")
def networks(dtype):
    return build_networks(drawn_weights.CONFIG)


@pytest.fixture(scope="module")
def images(dtype):
    return (golden.SOURCE.astype(dtype), golden.TARGET.astype(dtype))


def objective(loss):
    # The recorded reconstruction is the mean over the whole batch, which is
    # the mean of our per-example values.
    return Objective(ObjectiveConfig(loss=loss), BATCH)


def translate(networks):
    features = networks.encoder(golden.SOURCE, training=True)
    adapted = networks.adaptor(features, training=True)
    return networks.generator(
        golden.Z, adapted=adapted, labels=golden.FAKE_LABELS, training=True
    )


def gradient_errors(tape, loss, network, prefix):
    """Errors of the recorded gradients whose names begin with the prefix."""
    entries = {
        entry.name: entry
        for entry in upstream_entries(network)
        if f"{prefix}{entry.name}" in golden.NUMBERS.files
    }
    gradients = tape.gradient(
        loss, {name: e.weight.value for name, e in entries.items()}
    )
    return {
        f"{prefix}{name}": golden.error(
            f"{prefix}{name}",
            entry.to_upstream(tf.convert_to_tensor(gradients[name]).numpy()),
        )
        for name, entry in entries.items()
    }


def assert_all_recorded(errors, prefix, tolerance):
    recorded = {k for k in golden.NUMBERS.files if k.startswith(prefix)}
    assert set(errors) == recorded and recorded
    assert not {k: e for k, e in errors.items() if e > tolerance}


@pytest.mark.parametrize("loss_name", LOSSES)
def test_discriminator_losses_and_gradients(networks, images, dtype, loss_name):
    drawn_weights.load_all(networks)
    fake = translate(networks)
    with tf.GradientTape() as tape:
        loss, logs = objective(loss_name).discriminator_loss(
            networks.discriminator,
            (fake, golden.FAKE_LABELS),
            (images[1], golden.TARGET_LABELS),
        )
    prefix = f"{loss_name}/d_loss_"
    errors = {
        f"{prefix}{side}": golden.error(
            f"{prefix}{side}", logs[f"discriminator_{side}"]
        )
        for side in ("real", "fake")
    }
    assert_all_recorded(errors, prefix, TOLERANCES[dtype]["loss"])
    prefix = f"{loss_name}/d_grad/"
    errors = gradient_errors(tape, loss, networks.discriminator, prefix)
    assert_all_recorded(errors, prefix, TOLERANCES[dtype]["gradient"])


@pytest.mark.parametrize("loss_name", LOSSES)
def test_generator_losses_and_gradients(networks, images, dtype, loss_name):
    drawn_weights.load_all(networks)
    with tf.GradientTape(persistent=True) as tape:
        fake = translate(networks)
        loss, logs = objective(loss_name).generator_loss(
            networks.discriminator,
            fake,
            golden.FAKE_LABELS,
            images[0],
            SOURCE_LABELS,
        )
    prefix = f"{loss_name}/g_loss_"
    errors = {
        f"{prefix}{term}": golden.error(f"{prefix}{term}", logs[name])
        for term, name in (
            ("adversarial", "generator_adversarial"),
            ("reconstruction", "reconstruction"),
        )
    }
    assert_all_recorded(errors, prefix, TOLERANCES[dtype]["loss"])
    errors = {}
    for name in ("generator", "adaptor", "encoder"):
        letter = drawn_weights.LETTERS[name]
        errors |= gradient_errors(
            tape,
            loss,
            getattr(networks, name),
            f"{loss_name}/g_grad/{letter}.",
        )
    assert_all_recorded(
        errors, f"{loss_name}/g_grad/", TOLERANCES[dtype]["gradient"]
    )


@pytest.mark.parametrize("loss_name", LOSSES)
def test_reconstruction_at_every_size(networks, images, dtype, loss_name):
    drawn_weights.load_all(networks)
    _, features = networks.discriminator(
        tf.concat([translate(networks), images[0]], axis=0),
        np.arange(4, dtype=np.int32),
        training=True,
    )
    prefix = f"{loss_name}/rec/"
    errors = {}
    for size, feature in features.items():
        of_fake, of_source = tf.split(feature, 2)
        mean = tf.reduce_mean(l1_distance(of_source, of_fake))
        errors[f"{prefix}{size}"] = golden.error(f"{prefix}{size}", mean)
    assert_all_recorded(errors, prefix, TOLERANCES[dtype]["loss"])
