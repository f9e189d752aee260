"""How near translations come to the known right answer: arrays in, numbers out.

Of a set whose test split has the feature `pair`, the true translation of a
source (pair p, class a) into class b is the real image (p, b). A mean distance
from it says little by itself, so it stands against two others:

    kept   = 1 - mean d(translation, truth) / mean d(other, truth)
    gained = 1 - mean d(translation, truth) / mean d(source, truth)

where `other` is another real image of class b and `source` the source as it
is. 1 is the truth itself. kept = 0 is no better than any image of the class,
gained = 0 no better than leaving the source alone; nothing bounds the two from
below. Gained is the stricter one where classes are alike.
"""

import numpy as np

from deepi2i_tf.metrics import names


def pixel_distance(images: np.ndarray, truths: np.ndarray) -> np.ndarray:
    """Mean absolute error of each image, in parts of the range of a pixel.

    Both are uint8, (n, R, R, 3); the result is float64, (n,), in [0, 1].
    """
    difference = np.abs(images.astype(np.int16) - truths)
    return difference.mean(axis=(1, 2, 3), dtype=np.float64) / 255.0


def euclidean_distance(features: np.ndarray, truths: np.ndarray) -> np.ndarray:
    """Distance of each row of features, both (n, dimensions); float64, (n,)."""
    return np.linalg.norm(features.astype(np.float64) - truths, axis=1)


def against(distance: float, reference: float) -> float:
    """1 - distance / reference; NaN where the reference is 0."""
    return 1.0 - distance / reference if reference else float("nan")


def kept_and_gained(
    translation: float, other: float, source: float
) -> dict[str, float]:
    """`kept` and `gained` of mean distances from the truth.

    A number whose reference is 0 is absent: it has no meaning there.
    """
    values = {
        names.KEPT: against(translation, other),
        names.GAINED: against(translation, source),
    }
    return {name: v for name, v in values.items() if np.isfinite(v)}
