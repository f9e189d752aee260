"""Kernel distance between two sets of features (KID, arXiv 1801.01401).

The squared maximum mean discrepancy with k(x, y) = (x'y / dimensions + 1)^3,
unbiased: the diagonals are left out, so the expectation of two equal
distributions is 0 and a single number may be below 0. Unlike FID it has no
bias in the number of images, which is what makes it fit for small classes.

The features themselves must be kept: 8 kB for an image of 2048 float32
numbers, 122 MB for 149 classes of 100. A distance is computed in float64, on
copies of twice the size of its two sides, a block of the kernel at a time.
"""

from typing import NamedTuple

import numpy as np

from deepi2i_tf.metrics.feature_checks import checked_features
from deepi2i_tf.utils.errors import UserError

DEGREE = 3
COEFFICIENT = 1.0
# torch-fidelity's, so that numbers can be compared.
NUM_SUBSETS = 100
SUBSET_SIZE = 1000
SEED = 2020
# Side of the blocks of the kernel: 8 MB each, whatever the number of images.
_BLOCK = 1000


class KernelDistance(NamedTuple):
    """Kernel distance over random subsets; reports multiply it by 100.

    Attributes:
        mean: mean of the subsets' squared discrepancies.
        deviation: their standard deviation (denominator n).
        subset_size: images in each subset, of either side.
    """

    mean: float
    deviation: float
    subset_size: int


def squared_mmd(first: np.ndarray, second: np.ndarray) -> float:
    """Unbiased squared discrepancy of two whole sets; may be below 0.

    Raises:
        UserError: fewer than 2 images on a side, dimensions that differ, or
            features that are not finite.
    """
    first = checked_features(first, 2)
    second = checked_features(second, 2, first.shape[1])
    across = _kernel_sum(first, second) / (len(first) * len(second))
    return float(_mean_of_pairs(first) + _mean_of_pairs(second) - 2.0 * across)


def fitting_subset_size(
    num_first: int, num_second: int, wanted: int = SUBSET_SIZE
) -> int:
    """The wanted size, or all images of the smaller side if those are fewer."""
    return min(num_first, num_second, wanted)


def kernel_distance(
    first: np.ndarray,
    second: np.ndarray,
    num_subsets: int = NUM_SUBSETS,
    subset_size: int = SUBSET_SIZE,
    seed: int = SEED,
) -> KernelDistance:
    """Mean of `squared_mmd` over random subsets of both sides.

    The subsets are torch-fidelity's for the same seed and sizes.

    Args:
        first: float, (images, dimensions).
        second: float, (images, dimensions), as many images or not.
        num_subsets: how many pairs of subsets.
        subset_size: images in a subset; `fitting_subset_size` tells one.
        seed: seed of the choice.

    Raises:
        UserError: a side has fewer images than a subset, fewer than 2, or
            features of other dimensions or that are not finite.
    """
    _refuse_fewer(len(first), len(second), subset_size)
    first = checked_features(first, 2)
    second = checked_features(second, 2, first.shape[1])
    choice = np.random.RandomState(seed).choice
    distances = [
        squared_mmd(
            first[choice(len(first), subset_size, replace=False)],
            second[choice(len(second), subset_size, replace=False)],
        )
        for _ in range(num_subsets)
    ]
    return KernelDistance(
        float(np.mean(distances)), float(np.std(distances)), subset_size
    )


def _refuse_fewer(num_first: int, num_second: int, subset_size: int) -> None:
    fewest = min(num_first, num_second)
    if subset_size > fewest:
        raise UserError(
            f"Expected at least {subset_size} images on each side of the "
            f"kernel distance. Received: {num_first} and {num_second}. "
            f"Use subsets of {fewest}."
        )


def _kernel(products: np.ndarray, dimensions: int) -> np.ndarray:
    return (products / dimensions + COEFFICIENT) ** DEGREE


def _kernel_sum(first: np.ndarray, second: np.ndarray) -> float:
    """Sum of the kernel over all pairs of one of each side."""
    dimensions, total = first.shape[1], 0.0
    for row in range(0, len(first), _BLOCK):
        for column in range(0, len(second), _BLOCK):
            rows = first[row : row + _BLOCK]
            columns = second[column : column + _BLOCK]
            total += _kernel(rows @ columns.T, dimensions).sum()
    return total


def _mean_of_pairs(features: np.ndarray) -> float:
    """Mean of the kernel over ordered pairs of two different images."""
    count, dimensions = features.shape
    with_themselves = np.einsum("nd,nd->n", features, features)
    diagonal = _kernel(with_themselves, dimensions).sum()
    return (_kernel_sum(features, features) - diagonal) / (count * (count - 1))
