"""Ears, coats, muzzles and eyes of Creatures, as layers of distances.

Coordinates are those of the head: its centre is (0, 0), its radius about 1,
u to the right, v down. Ears and muzzles are symmetric, so they are given
|u| and draw both sides at once. Each part is a list of layers from back to
front; a layer is a distance (see `shapes`) and the role of its colour.
"""

from collections.abc import Callable, Mapping

import numpy as np

from data_prep.creatures.shapes import (
    capsule,
    circle,
    ellipse,
    polygon,
    stripes,
)

Layers = list[tuple[np.ndarray, str]]
Part = Callable[[np.ndarray, np.ndarray], Layers]
Coat = Callable[[np.ndarray, np.ndarray], np.ndarray]


def _inset(distance: np.ndarray, depth: float = 0.15) -> Layers:
    return [(distance, "fur"), (distance + depth, "accent")]


def _tufted(u: np.ndarray, v: np.ndarray) -> Layers:
    tuft = polygon(u, v, [(0.7, -1.1), (0.98, -2.0), (0.98, -1.1)])
    ear = polygon(u, v, [(0.2, -0.7), (0.9, -1.45), (1.0, -0.3)], 0.06)
    return [(tuft, "mark"), *_inset(ear, 0.18)]


def _antlered(u: np.ndarray, v: np.ndarray) -> Layers:
    antler = np.minimum(
        capsule(u, v, (0.3, -0.8), (0.62, -1.75), 0.1),
        capsule(u, v, (0.45, -1.25), (1.1, -1.5), 0.09),
    )
    ear = ellipse(u, v, (1.0, -0.5), (0.34, 0.16), -0.5)
    return [(antler, "horn"), (ear, "fur")]


def _crested(u: np.ndarray, v: np.ndarray) -> Layers:
    feathers = np.minimum(
        ellipse(u, v, (0.0, -1.25), (0.17, 0.55)),
        ellipse(u, v, (0.34, -1.1), (0.15, 0.45), 0.45),
    )
    return [(feathers, "mark")]


def _spiked(u: np.ndarray, v: np.ndarray) -> Layers:
    spikes = np.minimum(
        polygon(u, v, [(-0.22, -0.8), (0.0, -1.6), (0.22, -0.8)]),
        polygon(u, v, [(0.35, -0.85), (0.95, -1.45), (0.85, -0.5)]),
    )
    cheek = polygon(u, v, [(0.8, -0.25), (1.5, -0.4), (0.9, 0.3)])
    return [(np.minimum(spikes, cheek), "mark")]


def _curled(u: np.ndarray, v: np.ndarray) -> Layers:
    ring = np.abs(circle(u, v, (0.98, -0.2), 0.36)) - 0.17
    return [(ring, "horn")]


EARS: Mapping[str, Part] = {
    "pointed": lambda u, v: _inset(
        polygon(u, v, [(0.2, -0.7), (0.9, -1.5), (1.0, -0.3)], 0.06), 0.2
    ),
    "tall": lambda u, v: _inset(
        ellipse(u, v, (0.45, -1.35), (0.26, 0.8), 0.12), 0.13
    ),
    "round": lambda u, v: _inset(circle(u, v, (0.75, -0.75), 0.4), 0.17),
    "knobbed": lambda u, v: [
        (circle(u, v, (0.5, -0.85), 0.36), "fur"),
        (circle(u, v, (0.5, -0.9), 0.24), "white"),
        (circle(u, v, (0.5, -0.9), 0.12), "ink"),
    ],
    "floppy": lambda u, v: [
        (ellipse(u, v, (1.02, -0.05), (0.3, 0.72), -0.25), "mark")
    ],
    "wide": lambda u, v: _inset(circle(u, v, (1.12, -0.6), 0.62), 0.2),
    "horned": lambda u, v: [
        (polygon(u, v, [(0.3, -0.7), (1.1, -1.55), (0.75, -0.6)]), "horn"),
        (ellipse(u, v, (1.1, -0.35), (0.38, 0.18), 0.2), "fur"),
    ],
    "feathered": lambda u, v: [
        (polygon(u, v, [(0.1, -0.8), (1.35, -1.35), (0.95, -0.2)]), "mark")
    ],
    "tufted": _tufted,
    "antlered": _antlered,
    "crested": _crested,
    "curled": _curled,
    "spiked": _spiked,
    "tiny": lambda u, v: _inset(circle(u, v, (0.93, -0.42), 0.2), 0.1),
    "lop": lambda u, v: _inset(
        ellipse(u, v, (1.08, 0.35), (0.26, 1.0), -0.15), 0.13
    ),
    "sideways": lambda u, v: _inset(
        ellipse(u, v, (1.22, -0.5), (0.55, 0.22), -0.25), 0.11
    ),
}

_SPOTS = (
    ((-0.55, -0.5), 0.17),
    ((-0.1, -0.68), 0.16),
    ((0.4, -0.58), 0.18),
    ((0.8, -0.1), 0.15),
    ((0.68, 0.38), 0.16),
    ((-0.82, 0.0), 0.16),
    ((-0.62, 0.42), 0.17),
    ((0.12, -0.3), 0.13),
)


def _spotted(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    distance = np.full_like(u, 9.0)
    for center, radius in _SPOTS:
        distance = np.minimum(distance, circle(u, v, center, radius))
    return distance


def _freckled(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    row = np.floor(v / 0.3 + 0.5)
    du = u / 0.3 + 0.5 * row
    du, dv = (du - np.floor(du + 0.5)) * 0.3, v - 0.3 * row
    return np.sqrt(du * du + dv * dv) - 0.085


COATS: Mapping[str, Coat] = {
    "striped": lambda u, v: np.maximum(
        stripes(v + 0.35 * np.abs(u), 0.38, 0.17), 0.32 - np.abs(u)
    ),
    "plain": lambda u, v: np.full_like(u, 9.0),
    "eyed": lambda u, v: ellipse(
        np.abs(u), v, (0.42, -0.12), (0.27, 0.36), 0.5
    ),
    "chinned": lambda u, v: 0.12 - v,
    "patched": lambda u, v: np.minimum(
        circle(u, v, (0.5, -0.3), 0.5), circle(u, v, (-0.75, 0.55), 0.4)
    ),
    "capped": lambda u, v: v + 0.3 + 0.25 * np.abs(u),
    "blazed": lambda u, v: np.maximum(np.abs(u) - 0.2, v - 0.4),
    "diamond": lambda u, v: 0.75 * (np.abs(u) * 1.2 + np.abs(v + 0.55) - 0.42),
    "spotted": _spotted,
    "freckled": _freckled,
    "halved": lambda u, v: -u,
    "banded": lambda u, v: np.abs(v + 0.55) - 0.17,
    "barred": lambda u, v: stripes(u + 0.16, 0.32, 0.14),
    "masked": lambda u, v: np.abs(v + 0.12) - 0.27,
    "ringed": lambda u, v: stripes(circle(u, v, (0.0, 0.1), 0.35), 0.42, 0.18),
    "crossed": lambda u, v: np.minimum(
        np.abs(u) - 0.13, np.abs(v + 0.12) - 0.13
    ),
}


def _snout(u: np.ndarray, v: np.ndarray) -> Layers:
    return [
        (ellipse(u, v, (0.0, 0.38), (0.42, 0.3)), "muzzle"),
        (ellipse(u, v, (0.16, 0.38), (0.08, 0.13)), "ink"),
    ]


def _broad(u: np.ndarray, v: np.ndarray) -> Layers:
    return [
        (ellipse(u, v, (0.0, 0.52), (0.72, 0.36)), "muzzle"),
        (circle(u, v, (0.3, 0.42), 0.09), "ink"),
        (capsule(u, v, (0.0, 0.68), (0.35, 0.64), 0.035), "ink"),
    ]


def _whiskered(u: np.ndarray, v: np.ndarray) -> Layers:
    return [
        (circle(u, v, (0.19, 0.45), 0.25), "muzzle"),
        (polygon(u, v, [(-0.15, 0.22), (0.15, 0.22), (0.0, 0.4)]), "nose"),
        (capsule(u, v, (0.0, 0.4), (0.16, 0.56), 0.035), "ink"),
    ]


def _long(u: np.ndarray, v: np.ndarray) -> Layers:
    return [
        (ellipse(u, v, (0.0, 0.48), (0.4, 0.52)), "muzzle"),
        (ellipse(u, v, (0.0, 0.28), (0.22, 0.16)), "nose"),
        (capsule(u, v, (0.0, 0.68), (0.18, 0.62), 0.04), "ink"),
    ]


def _trunk(u: np.ndarray, v: np.ndarray) -> Layers:
    trunk = capsule(u, v, (0.0, 0.25), (0.0, 1.0), 0.22)
    folds = np.maximum(trunk + 0.06, stripes(v - 0.1, 0.26, 0.06))
    return [(trunk, "muzzle"), (folds, "ink")]


MUZZLES: Mapping[str, Part] = {
    "whiskered": _whiskered,
    "snout": _snout,
    "broad": _broad,
    "long": _long,
    "trunk": _trunk,
    "beak": lambda u, v: [
        (polygon(u, v, [(-0.32, 0.2), (0.32, 0.2), (0.0, 0.8)], 0.03), "horn"),
        (np.maximum(np.abs(v - 0.36) - 0.025, u - 0.2), "ink"),
    ],
    "smiling": lambda u, v: [
        (
            np.maximum(np.abs(circle(u, v, (0.0, 0.12), 0.5)) - 0.045, 0.3 - v),
            "ink",
        )
    ],
    "button": lambda u, v: [
        (ellipse(u, v, (0.0, 0.34), (0.2, 0.14)), "nose"),
        (capsule(u, v, (0.0, 0.4), (0.0, 0.62), 0.035), "ink"),
    ],
}

EYES: Mapping[str, Part] = {
    "dot": lambda u, v: [(ellipse(u, v, (0.4, -0.12), (0.12, 0.15)), "ink")],
    "big": lambda u, v: [
        (ellipse(u, v, (0.4, -0.14), (0.22, 0.25)), "white"),
        (circle(u, v, (0.38, -0.12), 0.13), "ink"),
    ],
    "sleepy": lambda u, v: [
        (np.maximum(circle(u, v, (0.4, -0.1), 0.2), -0.1 - v), "white"),
        (np.maximum(circle(u, v, (0.4, -0.06), 0.12), -0.1 - v), "ink"),
        (capsule(u, v, (0.2, -0.1), (0.6, -0.1), 0.04), "ink"),
    ],
    "none": lambda u, v: [],
}

HEADS: Mapping[str, tuple[float, float]] = {
    "even": (1.0, 0.95),
    "wide": (1.12, 0.88),
    "tall": (0.92, 1.05),
}
