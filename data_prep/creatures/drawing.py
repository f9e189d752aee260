"""Draws a creature: a species in a pose before a coloured background.

Pose and background come from a generator seeded by (seed, index) alone; the
species plays no part in them, so class and pose are independent. Shapes are
signed distances whose edges are softened over one pixel, which makes the
picture smooth at every size. See `shapes` for why the same seed draws the
same bytes on every machine.
"""

import dataclasses

import numpy as np

from data_prep.creatures.parts import COATS, EARS, EYES, HEADS, MUZZLES, Layers
from data_prep.creatures.shapes import cosine, ellipse, sine
from data_prep.creatures.species import PALETTES, Species

HEAD_RADIUS = 0.23
OUTLINE = 0.07
POSE_RANGES = {
    "x": (-0.2, 0.2),
    "y": (-0.2, 0.2),
    "scale": (0.7, 1.25),
    "roll": (-0.6, 0.6),
    "yaw": (-0.7, 0.7),
}
_INK = (30, 24, 28)
_FIXED_COLORS = {
    "ink": _INK,
    "nose": (70, 36, 44),
    "white": (255, 255, 255),
    "horn": (246, 190, 84),
}
_OUTLINED = frozenset({"fur", "mark", "muzzle", "horn"})
# How far a part moves sideways when the head turns: the face comes forward,
# the ears stay behind.
_FACE_SHIFT, _MUZZLE_SHIFT, _EAR_SHIFT = 0.42, 0.6, -0.2


@dataclasses.dataclass(frozen=True)
class Pose:
    """Where the head is and how it is turned.

    Args:
        x: of the head's centre, fraction of the image from its middle, right
            is positive.
        y: likewise, down is positive.
        scale: of the head, 1.0 gives a radius of `HEAD_RADIUS` of the image.
        roll: radians, clockwise.
        yaw: radians, positive looks to the right of the picture.
    """

    x: float
    y: float
    scale: float
    roll: float
    yaw: float

    def to_array(self) -> np.ndarray:
        """Returns float32 (5,): x, y, scale, roll, yaw."""
        return np.array(dataclasses.astuple(self), np.float32)


@dataclasses.dataclass(frozen=True)
class Background:
    """A plain gradient.

    Args:
        colors: two RGB colours in [0, 1].
        direction: (x, y) along which the first turns into the second.
    """

    colors: tuple[tuple[float, float, float], tuple[float, float, float]]
    direction: tuple[float, float]


def sample_scene(seed: int, index: int) -> tuple[Pose, Background]:
    """Returns pose and background of one picture."""
    random = np.random.Generator(np.random.Philox(key=[seed, index]))
    pose = Pose(
        *(
            low + (high - low) * random.random()
            for low, high in POSE_RANGES.values()
        )
    )
    first = [0.3 + 0.65 * random.random() for _ in range(3)]
    second = [value + 0.4 * (random.random() - 0.5) for value in first]
    direction = (2 * random.random() - 1, 2 * random.random() - 1)
    return pose, Background((tuple(first), tuple(second)), direction)


class _Canvas:
    """Pixels (3, height, width) in [0, 1] and their coordinates."""

    def __init__(self, resolution: int, pose: Pose, background: Background):
        ticks = (np.arange(resolution) + 0.5) / resolution - 0.5
        x, y = ticks[None, :], ticks[:, None]
        size = HEAD_RADIUS * pose.scale
        cos, sin = cosine(pose.roll), sine(pose.roll)
        dx, dy = (x - pose.x) / size, (y - pose.y) / size
        self.u, self.v = cos * dx + sin * dy, cos * dy - sin * dx
        self.sharpness = resolution * size
        first, second = (np.array(c)[:, None, None] for c in background.colors)
        along = 0.5 + background.direction[0] * x + background.direction[1] * y
        mix = np.clip(first + (second - first) * along, 0.0, 1.0)
        self.pixels = np.ascontiguousarray(mix)

    def cover(self, distance: np.ndarray) -> np.ndarray:
        """Returns how much of each pixel lies inside, in [0, 1]."""
        return np.clip(0.5 - distance * self.sharpness, 0.0, 1.0)

    def paint(
        self,
        distance: np.ndarray,
        color: tuple[int, int, int],
        within: np.ndarray | None = None,
    ) -> None:
        """Lays a colour over the pixels inside, and inside `within`."""
        cover = self.cover(distance)
        if within is not None:
            cover = cover * within
        for pixels, value in zip(self.pixels, color, strict=True):
            pixels += (value / 255 - pixels) * cover

    def to_uint8(self) -> np.ndarray:
        """Returns uint8 (height, width, 3)."""
        rounded = np.floor(self.pixels * 255 + 0.5)
        return np.ascontiguousarray(rounded.astype(np.uint8).transpose(1, 2, 0))


def _paint_layers(
    canvas: _Canvas, layers: Layers, colors: dict[str, tuple[int, int, int]]
) -> None:
    for distance, role in layers:
        if role in _OUTLINED:
            canvas.paint(distance - OUTLINE, _INK)
        canvas.paint(distance, colors[role])


def draw(
    species: Species, pose: Pose, background: Background, resolution: int
) -> np.ndarray:
    """Draws one creature.

    Returns:
        uint8 (resolution, resolution, 3), RGB.
    """
    canvas = _Canvas(resolution, pose, background)
    colors = _FIXED_COLORS | dataclasses.asdict(PALETTES[species.palette])
    turn, v = sine(pose.yaw), canvas.v
    ears_u = np.abs(canvas.u - _EAR_SHIFT * turn)
    face_u = canvas.u - _FACE_SHIFT * turn
    muzzle_u = np.abs(canvas.u - _MUZZLE_SHIFT * turn)
    _paint_layers(canvas, EARS[species.ears](ears_u, v), colors)
    head = ellipse(canvas.u, v, (0.0, 0.0), HEADS[species.head])
    _paint_layers(canvas, [(head, "fur")], colors)
    inside = canvas.cover(head)
    canvas.paint(COATS[species.coat](face_u, v), colors["mark"], inside)
    _paint_layers(canvas, MUZZLES[species.muzzle](muzzle_u, v), colors)
    _paint_layers(canvas, EYES[species.eyes](np.abs(face_u), v), colors)
    return canvas.to_uint8()
