"""Frechet distance between two sets of features (FID, arXiv 1706.08500).

d^2 = |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)

with means m and covariances S (denominator n - 1, as numpy.cov), all in
float64. The distance shrinks as the number of images grows: compare only
numbers from as many images.
"""

import numpy as np

from deepi2i_tf.metrics.feature_checks import checked_features
from deepi2i_tf.utils.errors import UserError


class GaussianStatistics:
    """Mean and covariance of a stream of features, in bounded memory.

    Kept are the number n of images, their mean m and a matrix F of
    deviations with F'F = (n - 1) S. A batch (k, b) of F's own form is added
    by the update of Chan, Golub and LeVeque (1979), written for the root of
    the covariance:

        F <- [F; B; sqrt(n k / (n + k)) (b - m)]
        m <- m + k / (n + k) (b - m)

    Whenever F has more than twice as many rows as columns, the triangle of
    its QR decomposition, which has the same F'F, takes its place. Squares of
    features are never summed, so nothing cancels, and few images in many
    dimensions cost little. F has at most 2 dimensions rows: 67 MB for 2048
    dimensions, 1.6 MB for 100 images; adding a batch copies it.

    Args:
        dimensions: length of a feature.

    Attributes:
        count: number of images so far.
        mean: float64, (dimensions,).
        deviations: F, float64, (rows, dimensions).

    Example:
        >>> statistics = GaussianStatistics(2048)
        >>> for images in batches:
        ...     statistics.update(network(images)["2048"])
    """

    def __init__(self, dimensions: int):
        self.count = 0
        self.mean = np.zeros(dimensions)
        self.deviations = np.zeros((0, dimensions))

    @classmethod
    def from_state(cls, state: dict[str, np.ndarray]) -> "GaussianStatistics":
        """Goes on where `state` was taken, with the same bits."""
        statistics = cls(len(state["mean"]))
        statistics.count = int(state["count"])
        statistics.mean = np.array(state["mean"])
        statistics.deviations = np.array(state["deviations"])
        return statistics

    def state(self) -> dict[str, np.ndarray]:
        """Plain arrays, for `numpy.savez`; `from_state` takes them back."""
        return {
            "count": np.array(self.count),
            "mean": self.mean.copy(),
            "deviations": self.deviations.copy(),
        }

    def update(self, features: np.ndarray) -> None:
        """Adds a batch of features, float, (batch, dimensions)."""
        features = checked_features(features, 0, len(self.mean))
        if len(features):
            mean = features.mean(axis=0)
            self._add(len(features), mean, features - mean)

    def merge(self, other: "GaussianStatistics") -> None:
        """Adds what others of as many dimensions have seen; those stay."""
        checked_features(other.deviations, 0, len(self.mean))
        if other.count:
            self._add(other.count, other.mean, other.deviations)

    def covariance(self) -> np.ndarray:
        """Covariance, float64, (dimensions, dimensions); denominator n - 1."""
        root = covariance_root(self)
        return root.T @ root

    def _add(self, count: int, mean: np.ndarray, rows: np.ndarray) -> None:
        total = self.count + count
        difference = mean - self.mean
        if self.count:
            shift = np.sqrt(self.count * count / total) * difference
            rows = np.concatenate([self.deviations, rows, shift[None]])
        if len(rows) > 2 * rows.shape[1]:
            rows = np.linalg.qr(rows, mode="r")
        self.deviations = rows
        self.mean = self.mean + count / total * difference
        self.count = total


def covariance_root(statistics: GaussianStatistics) -> np.ndarray:
    """A matrix R with R'R = S, float64, (at most dimensions, dimensions)."""
    if statistics.count < 2:
        raise UserError(
            "Expected features of at least 2 images. Received: "
            f"{statistics.count}. Add images, or leave this class out."
        )
    rows = statistics.deviations
    if len(rows) > rows.shape[1]:
        rows = np.linalg.qr(rows, mode="r")
    return rows / np.sqrt(statistics.count - 1)


def frechet_distance(
    first: GaussianStatistics, second: GaussianStatistics
) -> float:
    """Squared Frechet distance of two Gaussians, which is what FID is.

    tr (S1 S2)^(1/2) is the sum of the roots of the eigenvalues of the
    symmetric S1^(1/2) S2 S1^(1/2). With S = R'R those roots are the singular
    values of R1 R2'. Taken so, a direction in which the images do not vary
    adds 1e-16 of the largest; as an eigenvalue its rounding error would
    first be rooted, to 1e-8, and fewer images than dimensions have many.

    Returns:
        The distance, 0 or more and finite.

    Raises:
        UserError: one has fewer than 2 images, or their dimensions differ.
    """
    checked_features(second.deviations, 0, len(first.mean))
    roots = covariance_root(first), covariance_root(second)
    difference = np.square(first.mean - second.mean).sum()
    traces = sum(np.square(root).sum() for root in roots)
    product = roots[0] @ roots[1].T
    cross = np.linalg.svd(product, compute_uv=False).sum()
    # Of equal sets rounding may leave -1e-13.
    return max(float(difference + traces - 2.0 * cross), 0.0)
