"""One pass over translations: every source into every class.

The images are judged as they come and dropped; what is kept of each is what
the judge read, and a few columns of pictures for the sheet.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from deepi2i_tf.errors import Refusal
from deepi2i_tf.evaluation.judge import Judge
from deepi2i_tf.evaluation.judge_images import to_floats
from deepi2i_tf.evaluation.judge_training import Say
from deepi2i_tf.evaluation.real_images import RealImages
from deepi2i_tf.sheet import to_uint8

Translate = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Readings:
    """What the judge read from the translations.

    Args:
        classes: int32, (targets, sources): the class that was seen.
        poses: float32, (targets, sources, 5), or None without poses.
        pictures: uint8, (targets, shown, R, R, 3): translations of the first
            few sources.
    """

    classes: np.ndarray
    poses: np.ndarray | None
    pictures: np.ndarray


def read_translations(
    translate: Translate,
    sources: RealImages,
    judge: Judge,
    dim_z: int,
    seed: int,
    shown: int,
    batch_size: int,
    say: Say,
) -> Readings:
    """Translates every source into every class and lets the judge look.

    Translations are rounded to 8 bits before the judge looks, as a saved PNG
    would be, so a score does not depend on whether images went through files.

    Args:
        translate: (images float32 (batch, R, R, 3) in [-1, 1], z float32
            (batch, dim_z), labels int32 (batch,)) -> images like the first.
        sources: the images to translate.
        judge: a trained judge.
        dim_z: length of z.
        seed: z of target class c comes from (seed, c).
        shown: sources whose translations are kept as pictures.
        batch_size: images handed to `translate` at once.
        say: takes progress lines.

    Raises:
        Refusal: a translation holds NaN or infinity.
    """
    classes, poses, pictures = [], [], []
    for target in range(judge.num_classes):
        z = draw_z(len(sources), dim_z, seed, target)
        seen, pose, first = [], [], []
        for start in range(0, len(sources), batch_size):
            part = slice(start, start + batch_size)
            labels = np.full(len(z[part]), target, np.int32)
            images = translate(to_floats(sources.images[part]), z[part], labels)
            images = to_uint8(_finite(images, target))
            seen.append(judge.classify(images))
            if judge.regressor is not None:
                pose.append(judge.read_pose(images))
            if start < shown:
                first.append(images[: shown - start])
        classes.append(np.concatenate(seen))
        pictures.append(np.concatenate(first))
        if pose:
            poses.append(np.concatenate(pose))
        say(f"evaluate: class {target + 1} of {judge.num_classes} translated")
    return Readings(
        np.stack(classes),
        np.stack(poses) if poses else None,
        np.stack(pictures),
    )


def draw_z(count: int, dim_z: int, seed: int, target: int) -> np.ndarray:
    """Standard normal z of every source for one target class.

    Returns:
        float32, (count, dim_z); row i does not depend on `count`.
    """
    generator = np.random.default_rng((seed, target))
    return generator.standard_normal((count, dim_z), dtype=np.float32)


def _finite(images: np.ndarray, target: int) -> np.ndarray:
    if not np.isfinite(images).all():
        raise Refusal(
            "Expected translations that are numbers. Received: NaN or "
            f"infinity in translations into class {target}. The weights are "
            "broken: choose an earlier --step."
        )
    return images
