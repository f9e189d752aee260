"""Signed distances of plane shapes, the pencils of `drawing`.

Every function takes the coordinates of all pixels, float64 (height, width),
and returns the distance to the shape's edge in the same units, negative
inside. Only additions, products, quotients, square roots, minima and maxima
are used: IEEE 754 rounds each of them in one way, so that the same picture
comes out, bit for bit, on every machine. (Sines and exponentials of NumPy and
of the C library differ in the last place from build to build.)

Reference: Inigo Quilez, "2D distance functions",
https://iquilezles.org/articles/distfunctions2d/
"""

from collections.abc import Sequence

import numpy as np

Point = tuple[float, float]


def sine(angle: float) -> float:
    """Sine by its series, the same on every machine; |angle| <= 2 radians."""
    total, term = angle, angle
    for order in range(2, 28, 2):
        term = -term * angle * angle / (order * (order + 1))
        total += term
    return total


def cosine(angle: float) -> float:
    """Cosine by its series, the same everywhere; |angle| <= 2 radians."""
    total, term = 1.0, 1.0
    for order in range(1, 27, 2):
        term = -term * angle * angle / (order * (order + 1))
        total += term
    return total


def circle(
    u: np.ndarray, v: np.ndarray, center: Point, radius: float
) -> np.ndarray:
    """Distance to a circle.

    Args:
        u: float64 (height, width), to the right.
        v: float64 (height, width), downwards.
        center: of the circle.
        radius: of the circle, positive.
    """
    du, dv = u - center[0], v - center[1]
    return np.sqrt(du * du + dv * dv) - radius


def ellipse(
    u: np.ndarray,
    v: np.ndarray,
    center: Point,
    radii: Point,
    tilt: float = 0.0,
) -> np.ndarray:
    """Distance to an ellipse, first order: exact at the edge and near it.

    Args:
        u: float64 (height, width), to the right.
        v: float64 (height, width), downwards.
        center: of the ellipse.
        radii: half axes along u and v before tilting.
        tilt: radians, clockwise.
    """
    du, dv = u - center[0], v - center[1]
    if tilt:
        cos, sin = cosine(tilt), sine(tilt)
        du, dv = cos * du + sin * dv, cos * dv - sin * du
    du, dv = du / radii[0], dv / radii[1]
    # The floor keeps the very centre inside.
    level = np.maximum(np.sqrt(du * du + dv * dv), 1e-9)
    du, dv = du / radii[0], dv / radii[1]
    slope = np.sqrt(du * du + dv * dv)
    return level * (level - 1.0) / np.maximum(slope, 1e-9)


def polygon(
    u: np.ndarray, v: np.ndarray, corners: Sequence[Point], rounding: float = 0
) -> np.ndarray:
    """Distance to a convex polygon, by its farthest side.

    Args:
        u: float64 (height, width), to the right.
        v: float64 (height, width), downwards.
        corners: in clockwise order as seen on the screen (v points down).
        rounding: how far the sides are moved outwards.
    """
    distance = None
    for (au, av), (bu, bv) in zip(
        corners, [*corners[1:], corners[0]], strict=True
    ):
        eu, ev = bu - au, bv - av
        length = float(np.sqrt(eu * eu + ev * ev))
        side = (ev * (u - au) - eu * (v - av)) / length
        distance = side if distance is None else np.maximum(distance, side)
    return distance - rounding


def capsule(
    u: np.ndarray, v: np.ndarray, start: Point, end: Point, radius: float
) -> np.ndarray:
    """Distance to a thick line with round ends.

    Args:
        u: float64 (height, width), to the right.
        v: float64 (height, width), downwards.
        start: one end.
        end: the other end.
        radius: half the thickness.
    """
    eu, ev = end[0] - start[0], end[1] - start[1]
    du, dv = u - start[0], v - start[1]
    along = np.clip((du * eu + dv * ev) / (eu * eu + ev * ev), 0.0, 1.0)
    du, dv = du - along * eu, dv - along * ev
    return np.sqrt(du * du + dv * dv) - radius


def stripes(position: np.ndarray, period: float, width: float) -> np.ndarray:
    """Distance to parallel stripes.

    Args:
        position: float64 (height, width), measured across the stripes; a
            stripe lies around 0.
        period: from stripe to stripe.
        width: of a stripe.
    """
    turns = position / period
    return np.abs(turns - np.floor(turns + 0.5)) * period - width / 2
