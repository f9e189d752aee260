import numpy as np
import tensorflow as tf

from deepi2i_tf.losses.wasserstein import (
    gradient_norm,
    gradient_penalty,
    wasserstein_discriminator_loss,
    wasserstein_generator_loss,
)

# Means 2.5 and -1.
PATCH = np.array([[1.0, 2.0, 3.0, 4.0], [-1.0, -1.0, -1.0, -1.0]])
PATCH = PATCH.reshape(2, 2, 2, 1).astype(np.float32)


def test_scores_are_means_over_the_patch():
    real, fake = wasserstein_discriminator_loss(PATCH, 2 * PATCH)
    np.testing.assert_array_equal(real, [-2.5, 1.0])
    np.testing.assert_array_equal(fake, [5.0, -2.0])
    np.testing.assert_array_equal(
        wasserstein_generator_loss(PATCH), [-2.5, 1.0]
    )


def test_the_penalty_is_that_of_the_whole_images_norm():
    gradients = np.zeros((2, 4, 4, 3), np.float32)
    gradients[0, 0, 0, 0], gradients[0, 3, 1, 2] = 3.0, 4.0
    np.testing.assert_allclose(gradient_norm(gradients), [5.0, 1e-6])
    np.testing.assert_allclose(
        gradient_penalty(gradients), [16.0, (1 - 1e-6) ** 2]
    )


def test_the_penalty_has_a_gradient_where_the_critic_is_flat():
    gradients = tf.zeros((1, 2, 2, 3))
    with tf.GradientTape() as tape:
        tape.watch(gradients)
        penalty = gradient_penalty(gradients)
    np.testing.assert_array_equal(tape.gradient(penalty, gradients), gradients)
