"""Agreement of two sets of poses: arrays in, numbers out.

R^2 by its plain definition, 1 - SS_res / SS_tot, per component and never
clipped: 1 is perfect, 0 is no better than always answering the mean of the
truth, and nothing bounds it from below. It is not the squared correlation,
which forgives a wrong offset and a wrong scale.
"""

import numpy as np

POSE_COMPONENTS = ("x", "y", "scale", "roll", "yaw")


def r_squared(read: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Coefficient of determination of each component.

    Args:
        read: float, (n, components): poses as read from images.
        true: float, (n, components): poses that they should have.

    Returns:
        float64, (components,), in (-inf, 1]; NaN for a component whose
        truth does not vary, since R^2 has no meaning there.
    """
    difference = true.astype(np.float64) - read.astype(np.float64)
    return r_squared_of_sums(np.square(difference).sum(axis=0), true)


def r_squared_of_sums(residual: np.ndarray, true: np.ndarray) -> np.ndarray:
    """`r_squared` from the sums of squared residuals, (components,)."""
    true = true.astype(np.float64)
    total = np.square(true - true.mean(axis=0)).sum(axis=0)
    fractions = np.full(total.shape, np.nan)
    np.divide(residual, total, out=fractions, where=total > 0)
    return 1.0 - fractions


def slope(products: np.ndarray, true: np.ndarray) -> np.ndarray:
    """How much of a change of the true pose shows in what is read.

    Args:
        products: (components,), over readings p of t, sum of (t - mean t) p.
        true: float, (n, components): the poses, each as often as it was read.

    Returns:
        float64, (components,): the slope of the least-squares line of p over t.
        1 follows the pose, 0.3 turns by a third of what it should, 0 not at
        all; NaN where the truth does not vary.
    """
    true = true.astype(np.float64)
    total = np.square(true - true.mean(axis=0)).sum(axis=0)
    slopes = np.full(total.shape, np.nan)
    np.divide(products, total, out=slopes, where=total > 0)
    return slopes


def by_component(values: np.ndarray) -> dict[str, float]:
    """Names the components of a pose metric; undefined ones are left out."""
    return {
        name: float(value)
        for name, value in zip(POSE_COMPONENTS, values, strict=True)
        if np.isfinite(value)
    }
