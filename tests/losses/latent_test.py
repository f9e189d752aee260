import numpy as np

from deepi2i_tf.losses.latent import kl_divergence, latent_distance


def test_distance_by_hand():
    z, read = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[2.0, -1.0]])
    np.testing.assert_array_equal(latent_distance(z, read), [2.0, 1.5])


def test_divergence_by_hand():
    mean = np.array([[0.0, 0.0], [1.0, 2.0]])
    log_variance = np.log([[1.0, 1.0], [4.0, 1.0]])
    # (1 + 4) / 2 of the means, (4 - 1 - log 4) / 2 of the variance.
    np.testing.assert_allclose(
        kl_divergence(mean, log_variance),
        [0.0, 2.5 + 1.5 - np.log(2.0)],
        atol=1e-12,
    )
