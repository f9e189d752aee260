import math

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import LOSSES
from deepi2i_tf.losses import adversarial

REAL = np.array([[2.0], [0.5], [-1.0]], np.float32)
FAKE = np.array([[-2.0], [0.5], [3.0]], np.float32)


def softplus(values):
    return np.array([[math.log1p(math.exp(v))] for v in np.ravel(values)])


def test_hinge_by_hand():
    real, fake = adversarial.hinge_discriminator_loss(REAL, FAKE)
    np.testing.assert_allclose(real, [[0.0], [0.5], [2.0]])
    np.testing.assert_allclose(fake, [[0.0], [1.5], [4.0]])
    np.testing.assert_allclose(
        adversarial.hinge_generator_loss(FAKE), [[2.0], [-0.5], [-3.0]]
    )


def test_softplus_by_hand():
    real, fake = adversarial.softplus_discriminator_loss(REAL, FAKE)
    np.testing.assert_allclose(real, softplus(-REAL), rtol=1e-5)
    np.testing.assert_allclose(fake, softplus(FAKE), rtol=1e-5)
    np.testing.assert_allclose(
        adversarial.softplus_generator_loss(FAKE), softplus(-FAKE), rtol=1e-5
    )


def test_minimax_is_log_one_minus_d():
    probability = 1.0 / (1.0 + np.exp(-FAKE))
    np.testing.assert_allclose(
        adversarial.minimax_generator_loss(FAKE),
        np.log(1.0 - probability),
        rtol=1e-5,
    )


def test_minimax_gradient_vanishes_where_the_discriminator_is_sure():
    sure = tf.constant([[-20.0]])
    gradients = {}
    for name in LOSSES:
        with tf.GradientTape() as tape:
            tape.watch(sure)
            loss = adversarial.GENERATOR_LOSSES[name](sure)
        gradients[name] = tape.gradient(loss, sure).numpy().item()
    assert abs(gradients["minimax"]) < 1e-8
    assert gradients["softplus"] == pytest.approx(-1.0)
    assert gradients["hinge"] == -1.0


def test_every_loss_of_the_configuration_has_two_sides():
    assert set(adversarial.DISCRIMINATOR_LOSSES) == set(LOSSES)
    assert set(adversarial.GENERATOR_LOSSES) == set(LOSSES)
    minimax = adversarial.DISCRIMINATOR_LOSSES["minimax"]
    assert minimax is adversarial.softplus_discriminator_loss
