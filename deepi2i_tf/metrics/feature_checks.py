"""What every metric on features asks of them."""

import numpy as np

from deepi2i_tf.utils.errors import UserError


def checked_features(
    features: np.ndarray, least: int, dimensions: int | None = None
) -> np.ndarray:
    """Refuses features that a metric cannot be computed from.

    Args:
        features: float, (images, dimensions).
        least: how many images are needed.
        dimensions: how many dimensions the other side has, if there is one.

    Returns:
        The same, float64.

    Raises:
        UserError: another shape, too few images, or a number is not finite.
    """
    shape = np.shape(features)
    if len(shape) != 2 or dimensions not in (None, shape[1]):
        expected = "dimensions" if dimensions is None else f"{dimensions}"
        raise UserError(
            f"Expected features of shape (images, {expected}). Received: "
            f"{shape}. Take both sides from the same feature network."
        )
    if shape[0] < least:
        raise UserError(
            f"Expected features of at least {least} images. Received: "
            f"{shape[0]}. Add images, or leave this class out."
        )
    features = np.asarray(features, np.float64)
    if not np.isfinite(features).all():
        bad = np.count_nonzero(~np.isfinite(features).all(axis=1))
        raise UserError(
            f"Expected finite features. Received: {bad} of {shape[0]} images "
            "with NaN or infinity. Check the weights of the feature network."
        )
    return features
