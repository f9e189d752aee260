"""From the judge's readings to named numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepi2i_tf.evaluation.judge import Judge
from deepi2i_tf.evaluation.real_images import RealImages
from deepi2i_tf.evaluation.translations import Readings
from deepi2i_tf.metrics import names
from deepi2i_tf.metrics.classifier_scores import (
    accuracy,
    confusion_matrix,
    per_class_accuracy,
)
from deepi2i_tf.metrics.pose import by_component, r_squared


def score_real(judge: Judge, real: RealImages) -> dict[str, Any]:
    """What the judge makes of real images: the best a translator can hope for.

    Args:
        judge: a trained judge.
        real: images that it was not trained on.

    Returns:
        `confusion`, int64 (classes, classes); with poses also `reading`,
        float32 (n, 5), what the regressor reads from the images.
    """
    seen = judge.classify(real.images)
    result: dict[str, Any] = {
        "confusion": confusion_matrix(real.labels, seen, judge.num_classes)
    }
    if judge.regressor is not None:
        result["reading"] = judge.read_pose(real.images)
    return result


def score_translations(
    readings: Readings,
    sources: RealImages,
    real: Mapping[str, Any],
    class_names: tuple[str, ...],
) -> dict[str, Any]:
    """Computes every metric that applies.

    Args:
        readings: what the judge read from the translations.
        sources: the images that were translated.
        real: what `score_real` said about the sources.
        class_names: names of the classes, by label.

    Returns:
        Metrics by the keys of `metrics.names`; undefined ones are absent.
    """
    num_targets, num_sources = readings.classes.shape
    wanted = np.repeat(np.arange(num_targets), num_sources)
    seen = readings.classes.reshape(-1)
    changed = wanted != np.tile(sources.labels, num_targets)
    translated = confusion_matrix(wanted, seen, num_targets)
    scores: dict[str, Any] = {
        names.RC: accuracy(translated),
        names.RC_CHANGED: accuracy(
            confusion_matrix(wanted[changed], seen[changed], num_targets)
        ),
        names.RC_REAL: accuracy(real["confusion"]),
    }
    if readings.poses is not None:
        scores.update(_score_poses(readings.poses, sources.poses, real))
    scores[names.PER_CLASS] = _per_class(
        class_names, translated, real["confusion"]
    )
    return scores


def _score_poses(
    poses: np.ndarray, true: np.ndarray, real: Mapping[str, Any]
) -> dict[str, dict[str, float]]:
    num_targets = len(poses)
    poses = poses.reshape(-1, poses.shape[-1])
    reading = np.tile(real["reading"], (num_targets, 1))
    against_true = r_squared(poses, np.tile(true, (num_targets, 1)))
    return {
        names.POSE_R2: by_component(against_true),
        names.POSE_R2_TO_READING: by_component(r_squared(poses, reading)),
        names.POSE_R2_REAL: by_component(r_squared(real["reading"], true)),
    }


def _per_class(
    class_names: tuple[str, ...], translated: np.ndarray, real: np.ndarray
) -> dict[str, dict[str, float]]:
    rc, rc_real = per_class_accuracy(translated), per_class_accuracy(real)
    rows = {}
    for label, name in enumerate(class_names):
        values = {names.RC: rc[label], names.RC_REAL: rc_real[label]}
        rows[name] = {k: float(v) for k, v in values.items() if np.isfinite(v)}
    return rows
