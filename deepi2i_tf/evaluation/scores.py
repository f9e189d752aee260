"""From the sums of the classes to named metrics."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from deepi2i_tf.evaluation import distances, per_class, truth
from deepi2i_tf.evaluation.per_class import ClassResult, SourceFacts
from deepi2i_tf.metrics import names
from deepi2i_tf.metrics.classifier_scores import accuracy, per_class_accuracy
from deepi2i_tf.metrics.pose import (
    by_component,
    r_squared,
    r_squared_of_sums,
    slope,
)
from deepi2i_tf.metrics.truth import kept_and_gained


@dataclasses.dataclass(frozen=True)
class Reals:
    """How real images are classified: the best to hope for.

    Args:
        confusion: int64, (classes, classes): RC's classifier on real test
            images.
        fake_confusion: FC's classifier on the same, or None.
        counts: real images of each class that distances are measured to, or
            None.
    """

    confusion: np.ndarray
    fake_confusion: np.ndarray | None = None
    counts: Sequence[int] | None = None


def translated_confusion(results: Sequence[ClassResult]) -> np.ndarray:
    """The classifier's confusion: rows wanted, columns predicted."""
    return np.stack([result[per_class.PREDICTED] for result in results])


def score(
    results: Sequence[ClassResult],
    facts: SourceFacts,
    reals: Reals,
    class_names: tuple[str, ...],
) -> dict[str, Any]:
    """Every metric that applies, by the keys of `metrics.names`.

    Undefined ones are absent.
    """
    translated = translated_confusion(results)
    scores: dict[str, Any] = {names.RC: accuracy(translated)}
    if per_class.PREDICTED_CHANGED in results[0]:
        changed = [result[per_class.PREDICTED_CHANGED] for result in results]
        scores[names.RC_CHANGED] = accuracy(np.stack(changed))
    scores[names.RC_REAL] = accuracy(reals.confusion)
    if reals.fake_confusion is not None:
        scores[names.FC] = accuracy(reals.fake_confusion)
    if any(distances.FID in result for result in results):
        scores[names.MFID] = _mean(results, distances.FID)
        scores[names.MKID_X100] = 100.0 * _mean(results, distances.KID)
    scores = _defined(scores)
    if any(distances.DIVERSITY in result for result in results):
        scores[names.DIVERSITY] = _diversity(
            _mean(results, distances.DIVERSITY),
            _mean(results, distances.DIVERSITY_REAL),
        )
    if facts.poses is not None:
        scores.update(_score_poses(results, facts))
    scores.update(_score_truth(results))
    rows = _class_rows(results, reals)
    scores[names.PER_CLASS] = dict(zip(class_names, rows, strict=True))
    return scores


def _mean(results: Sequence[ClassResult], name: str) -> float:
    """Over the classes that have it: some may be too small."""
    values = [float(result[name]) for result in results if name in result]
    return float(np.mean(values))


def _defined(values: dict[str, float]) -> dict[str, float]:
    return {k: float(v) for k, v in values.items() if np.isfinite(v)}


def _diversity(translations: float, reals: float) -> dict[str, float]:
    values = {names.TRANSLATIONS: translations, names.REALS: reals}
    if reals > 0:
        values[names.SHARE] = translations / reals
    return values


def _score_poses(
    results: Sequence[ClassResult], facts: SourceFacts
) -> dict[str, dict[str, float]]:
    counted = int(translated_confusion(results).sum())
    kinds = {
        names.POSE_R2: (per_class.RESIDUAL, facts.poses),
        names.POSE_R2_TO_READING: (
            per_class.RESIDUAL_TO_READING,
            facts.predicted,
        ),
    }
    scores = {}
    for name, (residual, wanted) in kinds.items():
        # Every source counts as often as any other.
        repeats = counted / len(wanted)
        residuals = sum(result[residual] for result in results) / repeats
        scores[name] = by_component(r_squared_of_sums(residuals, wanted))
    scores[names.POSE_R2_REAL] = by_component(
        r_squared(facts.predicted, facts.poses)
    )
    products = sum(result[per_class.PRODUCT] for result in results)
    repeats = counted / len(facts.poses)
    scores[names.POSE_SLOPE] = by_component(
        slope(products / repeats, facts.poses)
    )
    return scores


def _score_truth(
    results: Sequence[ClassResult],
) -> dict[str, dict[str, dict[str, float]]]:
    """Nearness to the known answers in all classes together.

    Of all comparisons at once, not the mean of the classes' numbers: one class
    that is like its sources would outweigh all others there.
    """
    sums = [each[truth.SUMS] for each in results if truth.SUMS in each]
    if not sums:
        return {}
    # Of each row, (translation, other, source), by equally many comparisons.
    values = [kept_and_gained(*map(float, row)) for row in sum(sums)]
    return {names.TRUTH: dict(zip(truth.DISTANCES, values, strict=True))}


def _class_rows(
    results: Sequence[ClassResult], reals: Reals
) -> list[dict[str, Any]]:
    translated = translated_confusion(results)
    columns = {
        names.RC: per_class_accuracy(translated),
        names.RC_REAL: per_class_accuracy(reals.confusion),
    }
    if reals.fake_confusion is not None:
        columns[names.FC] = per_class_accuracy(reals.fake_confusion)
    rows = []
    for label, result in enumerate(results):
        row: dict[str, Any] = {k: v[label] for k, v in columns.items()}
        if distances.FID in result:
            row[names.FID] = result[distances.FID]
            row[names.KID_X100] = 100.0 * result[distances.KID]
        row = _defined(row)
        if distances.DIVERSITY in result:
            row[names.DIVERSITY] = _diversity(
                float(result[distances.DIVERSITY]),
                float(result[distances.DIVERSITY_REAL]),
            )
        row |= _score_truth([result])
        row[names.NUM_TRANSLATIONS] = int(translated[label].sum())
        if reals.counts is not None:
            row[names.NUM_REALS] = int(reals.counts[label])
        rows.append(row)
    return rows
