"""The pictures of a report: what `pictures.npz` holds.

All are uint8, sides R; keys of what a translator cannot give are absent.

- `sources` (S, R, R, 3), `source_labels` (S,): -1 where unknown
- `grid` (T, S, R, R, 3), `grid_targets` (T,): the sources in up to 24 classes
- `source_poses` (S, 5), `grid_poses` (T, S, 5), float32: as the pose regressor
  reads them, where the sources have poses
- `truth` (T, S, R, R, 3), `truth_known` (T, S), bool: what the grid should look
  like, where the test split has it; black where it is not known
- `random` (N, R, R, 3), `random_targets` (N,): up to 48, drawn evenly
- `class_strips` (K, steps, R, R, 3), `class_strip_targets` (K, 2)
- `z_strips` (K, steps, R, R, 3), `z_strip_targets` (K,)
- `nearest_query` (Q, R, R, 3), `nearest_found` (Q, 3, R, R, 3),
  `nearest_distance` (Q, 3)
- `confusion` (classes, classes), int64: rows wanted, columns predicted
"""

import numpy as np

from deepi2i_tf.evaluation.cache.real_features import RealFeatures
from deepi2i_tf.evaluation.evaluated_model import EvaluatedModel
from deepi2i_tf.evaluation.evaluator import Evaluation, Measurement
from deepi2i_tf.evaluation.images.labelled_images import TRAIN, RealImages
from deepi2i_tf.evaluation.per_class import (
    CHOSEN,
    CHOSEN_FEATURES,
    MAX_GRID_ROWS,
    SHOWN,
)
from deepi2i_tf.evaluation.reference.models import ReferenceModels
from deepi2i_tf.evaluation.scores import translated_confusion
from deepi2i_tf.evaluation.translations import draw_z
from deepi2i_tf.utils.image_geometry import to_signed, to_uint8
from deepi2i_tf.utils.spacing import evenly_spaced

NUM_QUERIES = 8
NUM_FOUND = 3
NUM_STRIPS = 6
NUM_STEPS = 7
_AMOUNTS = np.linspace(0.0, 1.0, NUM_STEPS, dtype=np.float32)

Pictures = dict[str, np.ndarray]


def collect_pictures(
    measurement: Measurement,
    evaluation: Evaluation,
    sources: RealImages | None,
) -> Pictures:
    """Pictures that the evaluation of classes left, and their neighbours.

    Args:
        measurement: of one translator.
        evaluation: what it was measured with.
        sources: the first sources, or None where they are unknown.
    """
    results, samples = measurement.results, measurement.samples
    pictures: Pictures = {
        "random": samples.in_order([each[CHOSEN] for each in results]),
        "random_targets": samples.targets,
        "confusion": translated_confusion(results),
    }
    if sources is not None:
        targets = evenly_spaced(len(results), MAX_GRID_ROWS)
        pictures |= {
            "sources": sources.images,
            "source_labels": sources.labels,
            "grid": np.stack([results[c][SHOWN] for c in targets]),
            "grid_targets": targets,
        }
        models = evaluation.extractor.models
        if sources.poses is not None and models.regressor is not None:
            pictures |= _poses(pictures, models)
        if sources.pairs is not None and evaluation.known is not None:
            truth, known = evaluation.known.pictures(sources, targets)
            if known.any():
                pictures |= {"truth": truth, "truth_known": known}
    if evaluation.reals_split == TRAIN:
        pictures |= nearest_images(measurement, evaluation.reals)
    return pictures


def _poses(pictures: Pictures, models: ReferenceModels) -> Pictures:
    """Poses as they are read off the sources and the grid."""
    grid = pictures["grid"]
    read = models.predict_poses(grid.reshape(-1, *grid.shape[2:]))
    return {
        "source_poses": models.predict_poses(pictures["sources"]),
        "grid_poses": read.reshape(*grid.shape[:2], -1),
    }


def nearest_images(
    measurement: Measurement, reals: RealFeatures
) -> dict[str, np.ndarray]:
    """Looks for the nearest training images of the first random samples.

    They are searched among those of the target class, in feature space.

    Args:
        measurement: of one translator.
        reals: features of training images.

    Returns:
        `nearest_query`, `nearest_found` and `nearest_distance` of
        `pictures.npz`, of classes that have 3 images; nothing if none has.
    """
    results, samples = measurement.results, measurement.samples
    enough = np.array(reals.counts)[samples.targets] >= NUM_FOUND
    queries = np.flatnonzero(enough)[:NUM_QUERIES]
    if not len(queries):
        return {}
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


def interpolations(
    model: EvaluatedModel, sources: np.ndarray, num_classes: int, seed: int
) -> Pictures:
    """Strips of pictures between classes and between z, as far as it can.

    Args:
        model: the translator.
        sources: uint8, (n, R, R, 3); strips take them in turn.
        num_classes: number of classes.
        seed: seed of z.
    """
    pictures: Pictures = {}
    if model.interpolate_classes is not None:
        pictures |= class_interpolations(model, sources, num_classes, seed)
    if model.interpolate_z is not None:
        pictures |= latent_interpolations(model, sources, num_classes, seed)
    return pictures


def class_interpolations(
    model: EvaluatedModel, sources: np.ndarray, num_classes: int, seed: int
) -> Pictures:
    """From class to class: one source and one z to a strip.

    Returns:
        `class_strips` and `class_strip_targets` of `pictures.npz`; nothing
        for a single class.
    """
    ends = evenly_spaced(num_classes, NUM_STRIPS + 1)
    pairs = np.stack([ends[:-1], ends[1:]], axis=1)
    strips = []
    for strip, (first, second) in enumerate(pairs):
        z = draw_z(1, model.dim_z, seed, strip, draw=NUM_STRIPS)
        strips.append(
            model.interpolate_classes(
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


def latent_interpolations(
    model: EvaluatedModel, sources: np.ndarray, num_classes: int, seed: int
) -> Pictures:
    """From z to z: one source and one class to a strip.

    Returns:
        `z_strips` and `z_strip_targets` of `pictures.npz`.
    """
    targets = evenly_spaced(num_classes, NUM_STRIPS)
    strips = []
    for strip, target in enumerate(targets):
        ends = draw_z(2, model.dim_z, seed, strip, draw=NUM_STRIPS + 1)
        z = np.stack(
            [model.interpolate_z(*ends, float(amount)) for amount in _AMOUNTS]
        )
        labels = np.full(NUM_STEPS, target, np.int32)
        strips.append(model.translate(_repeated(sources, strip), z, labels))
    images = to_uint8(np.stack(strips))
    return {"z_strips": images, "z_strip_targets": targets}


def _repeated(sources: np.ndarray, strip: int) -> np.ndarray:
    source = to_signed(sources[strip % len(sources)])
    return np.repeat(source[None], NUM_STEPS, axis=0)
