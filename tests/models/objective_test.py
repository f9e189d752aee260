import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import NetworkConfig, ObjectiveConfig
from deepi2i_tf.losses.reconstruction import feature_distance
from deepi2i_tf.models.objective import Objective
from deepi2i_tf.models.ramps import ClassTransition
from deepi2i_tf.models.score_statistics import ScoreAverages
from deepi2i_tf.networks import build_network
from deepi2i_tf.networks.initial_weights import initialize

FAKE = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype("float32")
REAL = np.random.default_rng(1).uniform(-1, 1, (2, 16, 16, 3)).astype("float32")
LABELS = np.array([0, 1], np.int32)


class ReferenceModels(keras.Model):
    """Scores w * sum(x) + 10 label; its features are the images, thinned."""

    def __init__(self):
        super().__init__()
        self.w = self.add_weight(shape=(), initializer="ones")
        self.bias = self.add_weight(shape=(), initializer="zeros")
        self.seen = []

    def call(self, images, labels, training=False):
        self.seen.append(training)
        total = tf.reduce_sum(images, axis=(1, 2, 3))
        scores = self.w * total + 10.0 * tf.cast(labels, "float32") + self.bias
        return scores[:, None], {
            4: images[:, ::4, ::4],
            8: images[:, ::2, ::2],
        }

    def score_without_class(self, features):
        return 16.0 * tf.reduce_sum(features[4], axis=(1, 2, 3))[:, None]


def scores(images):
    return images.sum((1, 2, 3)) + 10.0 * LABELS


def test_discriminator_loss_takes_fakes_first_and_averages_globally():
    # 8 global rows, of which this replica's micro-batch has 2.
    objective = Objective(ObjectiveConfig(), global_rows=8)
    loss, logs = objective.discriminator_loss(
        ReferenceModels(), (FAKE, LABELS), (REAL, LABELS)
    )
    real = np.maximum(1.0 - scores(REAL), 0.0).sum() / 8
    fake = np.maximum(1.0 + scores(FAKE), 0.0).sum() / 8
    np.testing.assert_allclose(logs["discriminator_real"], real, rtol=1e-4)
    np.testing.assert_allclose(logs["discriminator_fake"], fake, rtol=1e-4)
    np.testing.assert_allclose(loss, real + fake, rtol=1e-5)
    np.testing.assert_allclose(
        logs["score_real"], scores(REAL).sum() / 8, rtol=1e-5
    )


@pytest.mark.parametrize("step, amount", [(2, 0.0), (5, 0.5), (9, 1.0)])
def test_a_transition_adds_the_loss_without_class(step, amount):
    model = ReferenceModels()
    transition = ClassTransition(
        model, tf.Variable(step, dtype=tf.int64), (4, 6)
    )
    objective = Objective(ObjectiveConfig(), 2, transition)
    plain_fake, plain_real = (
        16.0 * images[:, ::4, ::4].sum((1, 2, 3)) for images in (FAKE, REAL)
    )
    loss, logs = objective.discriminator_loss(
        model, (FAKE, LABELS), (REAL, LABELS)
    )
    real = amount * np.maximum(1.0 - scores(REAL), 0.0).mean()
    real += np.maximum(1.0 - plain_real, 0.0).mean()
    fake = amount * np.maximum(1.0 + scores(FAKE), 0.0).mean()
    fake += np.maximum(1.0 + plain_fake, 0.0).mean()
    np.testing.assert_allclose(logs["discriminator_real"], real, rtol=1e-4)
    np.testing.assert_allclose(loss, real + fake, rtol=1e-4)
    _, logs = objective.generator_loss(model, FAKE, LABELS, REAL, LABELS)
    expected = -amount * scores(FAKE).mean() - plain_fake.mean()
    np.testing.assert_allclose(
        logs["generator_adversarial"], expected, rtol=1e-4
    )


@pytest.mark.parametrize("kind, power", [("l1", 1), ("l2", 2)])
def test_generator_loss_adds_weighted_reconstruction(kind, power):
    config = ObjectiveConfig(
        reconstruction=kind, reconstruction_weights=(0.5, 0.25, 9.0, 9.0)
    )
    objective = Objective(config, global_rows=2)
    loss, logs = objective.generator_loss(
        ReferenceModels(), FAKE, LABELS, REAL, LABELS
    )
    difference = np.abs(FAKE - REAL) ** power
    expected = 0.5 * difference[:, ::4, ::4].mean()
    expected += 0.25 * difference[:, ::2, ::2].mean()
    np.testing.assert_allclose(logs["reconstruction"], expected, rtol=1e-5)
    np.testing.assert_allclose(loss, expected - scores(FAKE).mean(), rtol=1e-5)


def joined_generator_loss(objective, discriminator, fake, source):
    """The slow twin: one pass over [fake, source]."""
    scores, features = discriminator(
        tf.concat([fake, source], 0), tf.concat([LABELS] * 2, 0), training=True
    )
    halves = {size: tf.split(each, 2) for size, each in features.items()}
    distance = feature_distance(
        {size: half[1] for size, half in halves.items()},
        {size: half[0] for size, half in halves.items()},
        objective.alphas,
    )
    return tf.reduce_mean(distance) - tf.reduce_mean(scores[:2])


def test_sources_apart_from_fakes_change_no_number():
    config = NetworkConfig(resolution=32, num_classes=2, ch=2)
    discriminator = build_network("discriminator", config)
    initialize(discriminator, seed=0)
    start = discriminator.get_weights()
    draw = np.random.default_rng(2)
    source, fake = draw.uniform(-1, 1, (2, 2, 32, 32, 3)).astype("float32")
    fake = tf.constant(fake)
    objective = Objective(ObjectiveConfig(), global_rows=2)
    found = []
    for of in (
        lambda: objective.generator_loss(
            discriminator, fake, LABELS, source, LABELS
        )[0],
        lambda: joined_generator_loss(objective, discriminator, fake, source),
    ):
        discriminator.set_weights(start)
        with tf.GradientTape() as tape:
            tape.watch(fake)
            loss = of()
        gradient = tape.gradient(loss, fake)
        found.append([loss, gradient, *discriminator.get_weights()])
    moved = any(
        (a != b).any() for a, b in zip(start, found[0][2:], strict=True)
    )
    assert moved  # The power iterations.
    for apart, joined in zip(*found, strict=True):
        # float32's rounding: the two run convolutions of 2 and of 4 images.
        np.testing.assert_allclose(apart, joined, rtol=1e-5, atol=1e-7)


def test_reconstruction_compares_every_fake_with_its_own_source():
    objective = Objective(ObjectiveConfig(), global_rows=2)

    def reconstruction(fake):
        return objective.generator_loss(
            ReferenceModels(), fake, LABELS, REAL, LABELS
        )[1]["reconstruction"]

    assert reconstruction(REAL) == 0.0
    assert reconstruction(REAL[::-1]) > 0.01


def test_none_is_no_reconstruction_and_ssim_takes_the_images():
    def reconstruction(kind, fake):
        objective = Objective(ObjectiveConfig(reconstruction=kind), 2)
        _, logs = objective.generator_loss(
            ReferenceModels(), fake, LABELS, REAL, LABELS
        )
        return logs["reconstruction"]

    assert reconstruction("none", FAKE) == 0.0
    np.testing.assert_allclose(reconstruction("ssim", REAL), 0.0, atol=1e-6)
    # alpha of ssim is the first weight, 0.1.
    assert 0.05 < reconstruction("ssim", FAKE) < 0.2


def test_r1_of_a_linear_score_is_the_norm_of_its_weights():
    config = ObjectiveConfig(r1=4.0, r1_every=3)
    judge, objective = ReferenceModels(), Objective(config, global_rows=2)
    judge.w.assign(0.5)
    weighted, penalty = objective.r1(judge, tf.constant(REAL), LABELS)
    pixels = 16 * 16 * 3
    np.testing.assert_allclose(penalty, 0.25 * pixels, rtol=1e-6)
    # gamma / 2, times 3 for the steps without it.
    np.testing.assert_allclose(weighted, 6.0 * 0.25 * pixels, rtol=1e-6)
    assert judge.seen == [False]


@pytest.mark.parametrize("scale", [None, 64.0])
@pytest.mark.parametrize("step, applied", [(0, 1), (1, 0), (2, 0), (3, 1)])
def test_lazy_r1_is_zero_in_between(step, applied, scale):
    config = ObjectiveConfig(r1=4.0, r1_every=3)
    judge, objective = ReferenceModels(), Objective(config, global_rows=2)
    gradients, penalty = objective.lazy_r1_gradients(
        judge, tf.constant(REAL), LABELS, tf.constant(step, tf.int64), scale
    )
    # The derivative of 6 w^2 pixels at w = 1; the bias has none.
    np.testing.assert_allclose(gradients[0], applied * 12.0 * 768, rtol=1e-6)
    np.testing.assert_allclose(gradients[1], 0.0)
    np.testing.assert_allclose(penalty, applied * 768.0, rtol=1e-6)


def test_lecam_by_hand_and_its_start():
    step = tf.Variable(2, dtype=tf.int64)
    averages = ScoreAverages(step, first_step=3)
    averages.real.assign(20.0)
    averages.fake.assign(-5.0)
    objective = Objective(ObjectiveConfig(lecam=0.5), global_rows=2)
    arguments = ReferenceModels(), (FAKE, LABELS), (REAL, LABELS)
    plain, _ = objective.discriminator_loss(*arguments)
    before, logs = objective.discriminator_loss(*arguments, averages)
    away = np.maximum(scores(REAL) + 5.0, 0.0) ** 2
    away += np.maximum(20.0 - scores(FAKE), 0.0) ** 2
    np.testing.assert_allclose(logs["lecam"], away.mean(), rtol=1e-4)
    np.testing.assert_allclose(before, plain)
    step.assign(3)
    later, _ = objective.discriminator_loss(*arguments, averages)
    expected = plain + 0.5 * away.mean()
    np.testing.assert_allclose(later, expected, rtol=1e-4)
