"""How far translations into one class are from its real images."""

from collections.abc import Sequence

import numpy as np

from deepi2i_tf.metrics.diversity import diversity
from deepi2i_tf.metrics.frechet import GaussianStatistics, frechet_distance
from deepi2i_tf.metrics.kernel import squared_mmd

# Both sides need two images for a covariance, and for a pair.
MINIMUM = 2
# Real images whose distances from each other stand beside diversity: 4950
# pairs tell their mean well enough, and more of them cost squares.
DIVERSITY_REALS = 100
FID, KID = "fid", "kid"
DIVERSITY = "diversity"
DIVERSITY_REAL = "diversity_real"
_ROWS_AT_ONCE = 1024


def class_distances(
    translations: np.ndarray, reals: np.ndarray
) -> dict[str, float]:
    """Frechet and kernel distance of one class, the latter of whole sets.

    Both sides are features, float32, (images, dimensions).
    """
    fid = frechet_distance(_statistics(translations), _statistics(reals))
    return {FID: fid, KID: squared_mmd(translations, reals)}


def class_diversity(draws: np.ndarray, reals: np.ndarray) -> dict[str, float]:
    """Diversity of one class, and that of its real images.

    Args:
        draws: float32, (sources, z, dimensions): features of translations.
        reals: float32, (m, dimensions): features of real images, of which
            the first `DIVERSITY_REALS` are taken.

    Returns:
        `diversity` and `diversity_real`.
    """
    found = diversity(draws, reals[:DIVERSITY_REALS])
    return {DIVERSITY: found.translations, DIVERSITY_REAL: found.reals}


def without_distances(
    num_translations: Sequence[int], num_reals: Sequence[int]
) -> list[int]:
    """Labels of the classes that have too few images on either side."""
    fewest = np.minimum(num_translations, num_reals)
    return np.flatnonzero(fewest < MINIMUM).tolist()


def _statistics(features: np.ndarray) -> GaussianStatistics:
    statistics = GaussianStatistics(features.shape[1])
    for start in range(0, len(features), _ROWS_AT_ONCE):
        statistics.update(features[start : start + _ROWS_AT_ONCE])
    return statistics
