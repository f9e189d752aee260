import numpy as np
import pytest

from deepi2i_tf.losses import reconstruction


def uniform(*shape, seed=0):
    draw = np.random.default_rng(seed).uniform(-1.0, 1.0, shape)
    return draw.astype(np.float32)


def slow_ssim(x, y):
    """SSIM of one channel in [0, 1], window by window (Wang et al., 2004)."""
    offsets = np.arange(11) - 5
    line = np.exp(-0.5 * (offsets / 1.5) ** 2)
    window = np.outer(line, line) / line.sum() ** 2
    values = []
    for row in range(x.shape[0] - 10):
        for column in range(x.shape[1] - 10):
            a = x[row : row + 11, column : column + 11]
            b = y[row : row + 11, column : column + 11]
            mean_a, mean_b = (window * a).sum(), (window * b).sum()
            spread = (window * ((a - mean_a) ** 2 + (b - mean_b) ** 2)).sum()
            joint = (window * (a - mean_a) * (b - mean_b)).sum()
            values.append(
                (2 * mean_a * mean_b + 1e-4)
                * (2 * joint + 9e-4)
                / ((mean_a**2 + mean_b**2 + 1e-4) * (spread + 9e-4))
            )
    return np.mean(values)


def test_l1_and_l2_by_hand():
    source = np.array([[[[1.0, -1.0]]], [[[0.0, 0.0]]]], np.float32)
    fake = np.array([[[[0.0, 2.0]]], [[[0.5, 0.0]]]], np.float32)
    np.testing.assert_allclose(
        reconstruction.l1_distance(source, fake), [2.0, 0.25]
    )
    np.testing.assert_allclose(
        reconstruction.l2_distance(source, fake), [5.0, 0.125]
    )


@pytest.mark.parametrize("kind, power", [("l1", 1), ("l2", 2)])
def test_feature_distance_is_eq_3(kind, power):
    sizes, alphas = (4, 8), {4: 0.1, 8: 0.01, 16: 7.0}
    source = {r: uniform(3, r, r, 2, seed=r) for r in sizes}
    fake = {r: uniform(3, r, r, 2, seed=r + 1) for r in sizes}
    expected = [
        sum(
            alphas[r] * np.mean(np.abs(source[r][i] - fake[r][i]) ** power)
            for r in sizes
        )
        for i in range(3)
    ]
    distance = reconstruction.feature_distance(source, fake, alphas, kind)
    np.testing.assert_allclose(distance, expected, rtol=1e-5)


@pytest.mark.parametrize("size", [4, 16])
def test_every_image_is_compared_with_its_own_source(size):
    def distance(source, fake):
        return reconstruction.feature_distance(
            {size: source}, {size: fake}, {size: 1.0}
        )

    source = uniform(3, size, size, 2)
    fake = source + 0.01 * uniform(3, size, size, 2, seed=1)
    turned = fake[[1, 2, 0]]
    assert np.all(distance(source, fake) < 0.01)
    assert np.all(distance(source, turned) > 0.1)
    np.testing.assert_array_equal(
        distance(source[[1, 2, 0]], turned),
        np.asarray(distance(source, fake))[[1, 2, 0]],
    )


def test_ssim_of_an_image_with_itself_is_no_distance():
    x = uniform(2, 16, 16, 3)
    np.testing.assert_allclose(
        reconstruction.ssim_distance(x, x), [0.0, 0.0], atol=1e-6
    )


def test_ssim_equals_the_slow_twin():
    x = uniform(2, 13, 14, 3)
    y = (0.7 * x + 0.3 * uniform(2, 13, 14, 3, seed=1)).astype(np.float32)
    expected = [
        1.0
        - np.mean(
            [
                slow_ssim((a[..., c] + 1) / 2, (b[..., c] + 1) / 2)
                for c in range(3)
            ]
        )
        for a, b in zip(x, y, strict=True)
    ]
    distance = reconstruction.ssim_distance(x, y)
    np.testing.assert_allclose(distance, expected, rtol=1e-4)


def test_ssim_of_opposites_is_more_than_one():
    x = uniform(1, 16, 16, 3)
    assert 1.0 < reconstruction.ssim_distance(x, -x).numpy()[0] <= 2.0
