import pathlib

import numpy as np
import pytest

from deepi2i_tf.metrics.kernel import (
    fitting_subset_size,
    kernel_distance,
    squared_mmd,
)
from deepi2i_tf.utils.errors import UserError
from tests.metrics import drawn_features, reference_modules

GOLDEN = np.load(
    pathlib.Path(__file__).parents[1] / "golden" / "fidelity_numbers.npz"
)
CASES = pytest.mark.parametrize("name", drawn_features.CASES)


def ours(name, **changes):
    case = drawn_features.CASES[name]
    sizes = {
        "num_subsets": case.num_subsets,
        "subset_size": case.subset_size,
        "seed": case.seed,
    }
    return kernel_distance(*drawn_features.features(name), **sizes | changes)


def test_by_hand_in_one_dimension():
    # k(x, y) = (xy + 1)^3. Pairs inside: (0, 1) gives 1, (1, 2) gives 27;
    # across, 0 gives 1 and 1, 1 gives 8 and 27: 1 + 27 - 2 * 37 / 4.
    first, second = np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]])
    assert squared_mmd(first, second) == 1 + 27 - 2 * 37 / 4


def test_sides_may_differ_in_number():
    # Inside the second side (0, 1), (0, 2), (1, 2) give 1, 1, 27.
    first, second = np.array([[0.0], [1.0]]), np.array([[0.0], [1.0], [2.0]])
    across = (1 + 1 + 1 + 1 + 8 + 27) / 6
    expected = 1 + 29 / 3 - 2 * across
    assert squared_mmd(first, second) == pytest.approx(expected, rel=1e-15)


def test_the_product_is_divided_by_the_dimensions():
    first, second = np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]])
    repeated = np.repeat(first, 5, axis=1), np.repeat(second, 5, axis=1)
    expected = squared_mmd(first, second)
    assert squared_mmd(*repeated) == pytest.approx(expected, rel=1e-14)


def test_equal_distributions_are_around_zero():
    # Over 40 pairs of independent sets the mean lies within 3 of its own
    # standard errors; the biased estimate would lie far above.
    random = np.random.RandomState(0)
    distances = [
        squared_mmd(*random.standard_normal((2, 50, 8))) for _ in range(40)
    ]
    error = np.std(distances) / np.sqrt(len(distances))
    assert abs(np.mean(distances)) < 3 * error
    assert min(distances) < 0 < max(distances)


def test_blocks_add_up_to_the_whole_matrices():
    random = np.random.RandomState(0)
    first, second = random.standard_normal((2, 2300, 4))
    second = second[:1400]

    def kernel(rows, columns):
        return (rows @ columns.T / 4 + 1) ** 3

    inside = [
        (kernel(side, side).sum() - np.trace(kernel(side, side)))
        / (len(side) * (len(side) - 1))
        for side in (first, second)
    ]
    expected = sum(inside) - 2 * kernel(first, second).mean()
    assert squared_mmd(first, second) == pytest.approx(expected, rel=1e-9)


def test_order_does_not_matter():
    first, second = drawn_features.features("many")
    order = np.random.RandomState(0).permutation(len(first))
    expected = squared_mmd(first, second)
    assert squared_mmd(first[order], second) == pytest.approx(expected)
    assert squared_mmd(second, first) == pytest.approx(expected)


@CASES
def test_the_recorded_numbers_of_torch_fidelity(name):
    result = ours(name)
    mean, deviation = GOLDEN[f"{name}/kid"]
    assert result.mean == pytest.approx(mean, rel=1e-9)
    assert result.deviation == pytest.approx(deviation, rel=1e-9)
    assert result.subset_size == drawn_features.CASES[name].subset_size


@pytest.mark.skipif(
    bool(reference_modules.MISSING), reason=reference_modules.REASON
)
@CASES
def test_torch_fidelity_itself(name):
    result = ours(name)
    theirs = reference_modules.kernel(
        *drawn_features.features(name), *drawn_features.CASES[name][3:]
    )
    assert (result.mean, result.deviation) == pytest.approx(theirs, rel=1e-9)


def test_seed_decides():
    assert ours("few") == ours("few")
    assert ours("few", seed=8).mean != ours("few").mean


def test_whole_sets_have_no_deviation():
    first, second = drawn_features.features("few")
    result = kernel_distance(first, second[:20], 3, 20)
    expected = squared_mmd(first, second[:20])
    assert result.mean == pytest.approx(expected, rel=1e-12)
    assert result.deviation < 1e-12


def test_a_subset_that_fits():
    assert fitting_subset_size(100, 71) == 71
    assert fitting_subset_size(5000, 1500) == 1000
    assert fitting_subset_size(5000, 1500, 50) == 50


def test_too_few_images_for_a_subset_are_refused_with_what_fits():
    with pytest.raises(
        UserError, match="Received: 20 and 30. Use subsets of 20"
    ):
        ours("few", subset_size=1000)
    with pytest.raises(UserError, match="at least 2 images"):
        squared_mmd(np.ones((1, 3)), np.ones((5, 3)))
    with pytest.raises(UserError, match="at least 2 images"):
        kernel_distance(np.ones((5, 3)), np.ones((5, 3)), subset_size=1)


def test_other_dimensions_are_refused():
    with pytest.raises(UserError, match=r"shape \(images, 3\)"):
        squared_mmd(np.eye(3), np.eye(4))
