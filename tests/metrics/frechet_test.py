"""Tolerances: 1e-12 where only float64 rounding differs, 1e-6 where the other
side takes roots of rounded zeros (see `frechet_distance`).
"""

import pathlib

import numpy as np
import pytest
import scipy.linalg

from deepi2i_tf.metrics.frechet import (
    GaussianStatistics,
    covariance_root,
    frechet_distance,
)
from deepi2i_tf.utils.errors import UserError
from tests.metrics import drawn_features, reference_modules

GOLDEN = np.load(
    pathlib.Path(__file__).parents[1] / "golden" / "fidelity_numbers.npz"
)
CASES = pytest.mark.parametrize("name", drawn_features.CASES)


def statistics(features, batch=32):
    result = GaussianStatistics(features.shape[1])
    for start in range(0, len(features), batch):
        result.update(features[start : start + batch])
    return result


def distance(first, second):
    return frechet_distance(statistics(first), statistics(second))


def by_symmetric_eigenvalues(first, second):
    """The slow twin: tr (S1^(1/2) S2 S1^(1/2))^(1/2) by its definition."""
    shift = first.mean(axis=0) - second.mean(axis=0)
    covariances = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    values, vectors = np.linalg.eigh(covariances[0])
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    values = np.linalg.eigvalsh(root @ covariances[1] @ root)
    traces = np.trace(covariances[0]) + np.trace(covariances[1])
    return shift @ shift + traces - 2 * np.sqrt(values.clip(0)).sum()


def by_matrix_root(first, second):
    shift = first.mean(axis=0) - second.mean(axis=0)
    covariances = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1])
    return shift @ shift + np.trace(sum(covariances) - 2 * root.real)


def test_by_hand_in_one_dimension():
    # Means 1 and 4, variances 2 and 8: 9 + (sqrt 8 - sqrt 2)^2 = 9 + 2.
    first = np.array([[0.0], [2.0]])
    second = np.array([[2.0], [6.0]])
    assert distance(first, second) == pytest.approx(11.0, rel=1e-12)


def test_two_known_gaussians():
    # Corners of a box: exact moments. Axis by axis (m1 - m2)^2 +
    # (s1 - s2)^2, with n / (n - 1) = 4 / 3 in each variance.
    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    first = corners * [1.0, 2.0]
    second = corners * [3.0, 5.0] + [10.0, -7.0]
    expected = 10**2 + 7**2 + 4 / 3 * ((3 - 1) ** 2 + (5 - 2) ** 2)
    assert distance(first, second) == pytest.approx(expected, rel=1e-12)


def test_gaussians_that_do_not_share_their_axes():
    # diag(1, 4) against the same turned by 45 degrees: tr S1 S2 = 2 * 2.5^2
    # and det S1 S2 = 16, so tr (S1 S2)^(1/2) = sqrt(12.5 + 2 * 4).
    first = np.array([[1, 0], [-1, 0], [0, 2], [0, -2]]) * np.sqrt(1.5)
    turn = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
    expected = 5 + 5 - 2 * np.sqrt(20.5)
    assert distance(first, first @ turn) == pytest.approx(expected, rel=1e-12)


@CASES
def test_identical_sets_are_at_zero(name):
    first, _ = drawn_features.features(name)
    assert distance(first, first) < 1e-12
    assert distance(first, first[::-1]) < 1e-12


@CASES
def test_streaming_is_one_shot_and_order_does_not_matter(name):
    first, second = drawn_features.features(name)
    once = distance(first, second)
    for batch in (1, 7, 32):
        streamed = statistics(first, batch), statistics(second, batch)
        assert frechet_distance(*streamed) == pytest.approx(once, rel=1e-12)
    order = np.random.RandomState(0).permutation(len(first))
    assert distance(first[order], second) == pytest.approx(once, rel=1e-12)
    assert distance(second, first) == pytest.approx(once, rel=1e-12)


@CASES
def test_moments_are_those_of_numpy(name):
    first, _ = drawn_features.features(name)
    result = statistics(first, 7)
    assert result.count == len(first)
    np.testing.assert_allclose(result.mean, first.mean(axis=0), rtol=1e-12)
    expected = np.cov(first, rowvar=False)
    np.testing.assert_allclose(result.covariance(), expected, atol=1e-13)


def test_a_merge_is_the_joint_stream():
    first, second = drawn_features.features("many")
    merged = statistics(first)
    merged.merge(statistics(second))
    merged.merge(GaussianStatistics(64))
    joint = np.concatenate([first, second])
    assert merged.count == len(joint)
    np.testing.assert_allclose(merged.mean, joint.mean(axis=0), rtol=1e-12)
    expected = np.cov(joint, rowvar=False)
    np.testing.assert_allclose(merged.covariance(), expected, atol=1e-13)


def test_a_large_mean_does_not_cancel():
    # Sums of squares near 1e18 would leave no digit of a variance of 1.
    first, _ = drawn_features.features("many")
    expected = np.cov(first, rowvar=False)
    result = statistics(first + 1e6).covariance()
    np.testing.assert_allclose(result, expected, atol=1e-9)


def test_memory_does_not_grow_with_the_number_of_images():
    result = GaussianStatistics(8)
    rows = set()
    for seed in range(100):
        batch = np.random.RandomState(seed).standard_normal((5, 8))
        result.update(batch)
        rows.add(len(result.deviations))
    assert result.count == 500
    assert max(rows) <= 2 * 8
    assert covariance_root(result).shape == (8, 8)


def test_a_resumed_stream_has_the_same_bits(tmp_path):
    first, _ = drawn_features.features("many")
    whole = statistics(first)
    part = statistics(first[:160])
    np.savez(tmp_path / "state.npz", **part.state())
    with np.load(tmp_path / "state.npz") as state:
        resumed = GaussianStatistics.from_state(state)
    for start in range(160, len(first), 32):
        resumed.update(first[start : start + 32])
    assert resumed.count == whole.count
    np.testing.assert_array_equal(resumed.mean, whole.mean)
    np.testing.assert_array_equal(resumed.deviations, whole.deviations)


@CASES
def test_the_slow_twins_agree(name):
    features = drawn_features.features(name)
    ours = distance(*features)
    for twin in (by_symmetric_eigenvalues, by_matrix_root):
        assert ours == pytest.approx(twin(*features), rel=1e-6)


@CASES
def test_the_recorded_numbers_of_torch_fidelity(name):
    ours = distance(*drawn_features.features(name))
    assert ours == pytest.approx(float(GOLDEN[f"{name}/fid"]), rel=1e-6)


@pytest.mark.skipif(
    bool(reference_modules.MISSING), reason=reference_modules.REASON
)
@CASES
def test_torch_fidelity_itself(name):
    features = drawn_features.features(name)
    theirs = reference_modules.frechet(*features)
    assert distance(*features) == pytest.approx(theirs, rel=1e-6)


def test_directions_without_variance_cost_nothing():
    # The second half of the axes is silent, on both sides.
    first, second = drawn_features.features("many")
    silent = np.zeros((400, 64)), np.zeros((300, 64))
    padded = np.hstack([first, silent[0]]), np.hstack([second, silent[1]])
    expected = distance(first, second)
    assert distance(*padded) == pytest.approx(expected, rel=1e-12)
    assert distance(np.ones((3, 4)), np.ones((2, 4))) == 0.0


def test_fewer_than_two_images_are_refused():
    some, one = statistics(np.eye(3)), statistics(np.ones((1, 3)))
    for pair in ((some, one), (one, some), (some, GaussianStatistics(3))):
        with pytest.raises(
            UserError, match="at least 2 images. Received: [01]"
        ):
            frechet_distance(*pair)
    with pytest.raises(UserError, match="at least 2 images"):
        covariance_root(one)


def test_other_dimensions_are_refused():
    three, four = statistics(np.eye(3)), statistics(np.eye(4))
    with pytest.raises(
        UserError, match=r"shape \(images, 3\). Received: \(4, 4"
    ):
        frechet_distance(three, four)
    with pytest.raises(UserError, match=r"shape \(images, 3\)"):
        three.merge(four)
    with pytest.raises(UserError, match=r"shape \(images, 3\)"):
        three.update(np.eye(4))
