import numpy as np

from deepi2i_tf.losses.regularizers import orthogonal_penalty, r1_penalty


def test_orthogonal_penalty_by_hand():
    # Filters (1, 0) and (1, 2): one product, 1, off the diagonal, twice.
    kernel = np.array([[1.0, 1.0], [0.0, 2.0]], np.float32)
    assert orthogonal_penalty([kernel]).numpy() == 2.0
    assert orthogonal_penalty([kernel, kernel]).numpy() == 4.0


def test_norms_are_left_free():
    kernel = np.diag([3.0, 0.1]).astype(np.float32)
    assert orthogonal_penalty([kernel]).numpy() == 0.0


def test_convolutions_are_seen_as_matrices():
    kernel = np.random.default_rng(0).standard_normal((3, 3, 2, 4))
    matrix = kernel.reshape(18, 4)
    gram = matrix.T @ matrix
    expected = np.sum((gram - np.diag(np.diag(gram))) ** 2)
    penalty = orthogonal_penalty([kernel.astype(np.float32)])
    np.testing.assert_allclose(penalty, expected, rtol=1e-5)


def test_r1_is_the_squared_norm_per_example():
    gradients = np.zeros((2, 2, 2, 3), np.float32)
    gradients[0, 0, 1] = [1.0, 2.0, 2.0]
    gradients[1, 1, 0] = [0.0, 0.0, 5.0]
    np.testing.assert_allclose(r1_penalty(gradients), [9.0, 25.0])
