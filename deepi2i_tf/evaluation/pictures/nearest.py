"""Training images that lie nearest to translations: are they copies?"""

import numpy as np

from deepi2i_tf.evaluation.cache.real_features import RealFeatures
from deepi2i_tf.evaluation.class_tally import CHOSEN, CHOSEN_FEATURES
from deepi2i_tf.evaluation.evaluator import Measurement

NUM_QUERIES = 8
NUM_FOUND = 3


def nearest_images(
    measurement: Measurement, reals: RealFeatures
) -> dict[str, np.ndarray]:
    """Looks for the nearest training images of the first random samples.

    They are looked for among those of the target class, in feature space.

    Args:
        measurement: of one subject.
        reals: features of training images.

    Returns:
        `nearest_query`, `nearest_found` and `nearest_distance` of
        `pictures.npz`; nothing where a class has fewer than 3 images.
    """
    results, samples = measurement.results, measurement.samples
    if min(reals.counts) < NUM_FOUND:
        return {}
    queries = slice(0, NUM_QUERIES)
    images = samples.in_order([each[CHOSEN] for each in results])[queries]
    features = samples.in_order([each[CHOSEN_FEATURES] for each in results])
    targets = samples.targets[queries]
    rows, distances = [], []
    for target, feature in zip(targets, features[queries], strict=True):
        difference = reals.of_class(target).astype(np.float64) - feature
        away = np.linalg.norm(difference, axis=1)
        order = np.argsort(away, kind="stable")[:NUM_FOUND]
        rows.append(reals.rows_of(target)[order])
        distances.append(away[order])
    found = reals.images(np.concatenate(rows))
    shape = (len(images), NUM_FOUND, *found.shape[1:])
    return {
        "nearest_query": images,
        "nearest_found": found.reshape(shape),
        "nearest_distance": np.stack(distances),
    }
