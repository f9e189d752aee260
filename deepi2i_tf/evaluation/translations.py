"""One pass over translations: every source into every class.

The images are judged as they come and dropped; what is kept of each is what
the judge read, and a few columns of pictures for the sheet. Translations are
rounded to 8 bits before the judge looks, as a saved PNG would be, so a score
does not depend on whether images went through files.
"""

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np

from deepi2i_tf.errors import Refusal
from deepi2i_tf.evaluation.judge import Judge
from deepi2i_tf.evaluation.judge_images import to_floats
from deepi2i_tf.evaluation.judge_training import Say
from deepi2i_tf.evaluation.real_images import RealImages
from deepi2i_tf.sheet import to_uint8

# (images float32 (batch, R, R, 3) in [-1, 1], z float32 (batch, dim_z), labels
# int32 (batch,)) -> images float32 like the first.
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

    Args:
        translate: the translator; see `Translate`.
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
    read = []
    for target in range(judge.num_classes):
        z = draw_z(len(sources), dim_z, seed, target)
        batches = _translate(translate, sources, z, target, batch_size)
        read.append(_read(batches, judge, shown))
        say(f"evaluate: class {target + 1} of {judge.num_classes} translated")
    classes, poses, pictures = zip(*read, strict=True)
    has_pose = judge.regressor is not None
    return Readings(
        classes=np.stack(classes),
        poses=np.stack(poses) if has_pose else None,
        pictures=np.stack(pictures),
    )


def draw_z(count: int, dim_z: int, seed: int, target: int) -> np.ndarray:
    """Standard normal z of every source for one target class.

    Returns:
        float32, (count, dim_z); row i does not depend on `count`.
    """
    generator = np.random.default_rng((seed, target))
    return generator.standard_normal((count, dim_z), dtype=np.float32)


def _translate(
    translate: Translate,
    sources: RealImages,
    z: np.ndarray,
    target: int,
    batch_size: int,
) -> Iterator[np.ndarray]:
    """Batches of uint8 translations into one class."""
    for start in range(0, len(sources), batch_size):
        part = slice(start, start + batch_size)
        labels = np.full(len(z[part]), target, np.int32)
        images = translate(to_floats(sources.images[part]), z[part], labels)
        yield to_uint8(_finite(images, target))


def _read(
    batches: Iterator[np.ndarray], judge: Judge, shown: int
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Classes, poses and the first pictures of one class' translations."""
    classes, poses, pictures = [], [], []
    for images in batches:
        classes.append(judge.classify(images))
        if judge.regressor is not None:
            poses.append(judge.read_pose(images))
        if sum(map(len, pictures)) < shown:
            pictures.append(images)
    return (
        np.concatenate(classes),
        np.concatenate(poses) if poses else None,
        np.concatenate(pictures)[:shown],
    )


def _finite(images: np.ndarray, target: int) -> np.ndarray:
    if not np.isfinite(images).all():
        raise Refusal(
            "Expected translations that are numbers. Received: NaN or "
            f"infinity in translations into class {target}. The weights are "
            "broken: choose an earlier --step."
        )
    return images
