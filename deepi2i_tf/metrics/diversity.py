"""How much translations of one source differ: arrays in, numbers out.

The distance of two images is the Euclidean distance of their features, in
float64: the same geometry in which FID and KID compare, so one pass over the
translations serves all three. Its unit is that of the feature network; it
has a meaning beside the same number for real images of the class, which are
all different, and `Diversity.share` is the quotient. 0 says that z changes
nothing. A share near 1 is not expected: translations of one source share
its pose, real images do not.
"""

from typing import NamedTuple

import numpy as np

from deepi2i_tf.metrics.feature_checks import checked_features
from deepi2i_tf.utils.errors import UserError


class Diversity(NamedTuple):
    """Diversity of one target class.

    Attributes:
        translations: mean distance of two translations of one source.
        reals: mean distance of two real images of the class.
    """

    translations: float
    reals: float

    @property
    def share(self) -> float:
        """Translations over reals; NaN where the reals are all equal."""
        return self.translations / self.reals if self.reals else float("nan")


def mean_pairwise_distance(features: np.ndarray) -> float:
    """Mean distance over all pairs of two different images."""
    features = checked_features(features, 2)
    # By differences: through squares and products, equal images would lie
    # 1e-7 apart.
    distances = [
        np.linalg.norm(features[i + 1 :] - features[i], axis=1)
        for i in range(len(features) - 1)
    ]
    return float(np.concatenate(distances).mean())


def diversity(translations: np.ndarray, reals: np.ndarray) -> Diversity:
    """Diversity of translations into one class beside that of its reals.

    Args:
        translations: float, (sources, draws, dimensions): features of each
            source's translations under different z.
        reals: float, (images, dimensions): real images of the class.

    Raises:
        UserError: no source, fewer than 2 draws or reals, dimensions that
            differ, or features that are not finite.
    """
    reals = checked_features(reals, 2)
    if not len(translations):
        raise UserError(
            "Expected translations of at least one source. Received: none. "
            "Add sources, or leave this class out."
        )
    sources = [
        mean_pairwise_distance(checked_features(draws, 2, reals.shape[1]))
        for draws in translations
    ]
    return Diversity(float(np.mean(sources)), mean_pairwise_distance(reals))
