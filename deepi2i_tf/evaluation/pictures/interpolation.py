"""Strips of pictures on the way between two classes, and between two z."""

from collections.abc import Callable

import numpy as np

from deepi2i_tf.evaluation.reference.images import to_floats
from deepi2i_tf.evaluation.translations import Translate, draw_z
from deepi2i_tf.utils.image_geometry import to_uint8
from deepi2i_tf.utils.spacing import evenly_spaced

# (images, z, first class, second class, amount) -> images: as `Translate`,
# at (1 - amount) of the first class' embedding and amount of the second's.
Mix = Callable[
    [np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray
]
# (first z, second z, amount) -> z, float32, (dim_z,).
Between = Callable[[np.ndarray, np.ndarray, float], np.ndarray]

NUM_STRIPS = 6
NUM_STEPS = 7
_AMOUNTS = np.linspace(0.0, 1.0, NUM_STEPS, dtype=np.float32)


def class_strips(
    mix: Mix, sources: np.ndarray, num_classes: int, dim_z: int, seed: int
) -> dict[str, np.ndarray]:
    """Walks from class to class: one source and one z to a strip.

    Args:
        mix: translates to points between two classes.
        sources: uint8, (n, R, R, 3); strips take them in turn.
        num_classes: number of classes.
        dim_z: length of z.
        seed: seed of z.

    Returns:
        `class_strips` and `class_strip_targets` of `pictures.npz`; nothing
        for a single class.
    """
    ends = evenly_spaced(num_classes, NUM_STRIPS + 1)
    pairs = np.stack([ends[:-1], ends[1:]], axis=1)
    strips = []
    for strip, (first, second) in enumerate(pairs):
        z = draw_z(1, dim_z, seed, strip, place=NUM_STRIPS)
        strips.append(
            mix(
                _repeated(sources, strip),
                np.repeat(z, NUM_STEPS, axis=0),
                np.full(NUM_STEPS, first, np.int32),
                np.full(NUM_STEPS, second, np.int32),
                _AMOUNTS,
            )
        )
    if not strips:
        return {}
    images = to_uint8(np.stack(strips))
    return {"class_strips": images, "class_strip_targets": pairs}


def z_strips(
    translate: Translate,
    between: Between,
    sources: np.ndarray,
    num_classes: int,
    dim_z: int,
    seed: int,
) -> dict[str, np.ndarray]:
    """Walks from z to z: one source and one class to a strip.

    Args:
        translate: the translator.
        between: walks between two z.
        sources: uint8, (n, R, R, 3); strips take them in turn.
        num_classes: number of classes.
        dim_z: length of z.
        seed: seed of z.

    Returns:
        `z_strips` and `z_strip_targets` of `pictures.npz`.
    """
    targets = evenly_spaced(num_classes, NUM_STRIPS)
    strips = []
    for strip, target in enumerate(targets):
        ends = draw_z(2, dim_z, seed, strip, place=NUM_STRIPS + 1)
        z = np.stack([between(*ends, float(amount)) for amount in _AMOUNTS])
        labels = np.full(NUM_STEPS, target, np.int32)
        strips.append(translate(_repeated(sources, strip), z, labels))
    images = to_uint8(np.stack(strips))
    return {"z_strips": images, "z_strip_targets": targets}


def _repeated(sources: np.ndarray, strip: int) -> np.ndarray:
    source = to_floats(sources[strip % len(sources)])
    return np.repeat(source[None], NUM_STEPS, axis=0)
