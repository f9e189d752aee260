"""Evaluation of translations class by class: one run serves every metric.

Of an image that counts stay its features until the class is done, its part in
a few sums, and, if it was chosen, its pixels. What a class leaves behind is
small and is kept in the work folder, so that an evaluation that was killed
goes on with the class it was in.
"""

import dataclasses
from collections.abc import Collection
from typing import Any

import numpy as np

from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.evaluation.cache.real_features import RealFeatures
from deepi2i_tf.evaluation.cache.row_file import RowFile
from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.evaluation.distances import class_distances, class_diversity
from deepi2i_tf.evaluation.feature_extractor import (
    FeatureExtractor,
    Predictions,
)
from deepi2i_tf.evaluation.images.shrink import shrink
from deepi2i_tf.evaluation.translations import Batch, Translations
from deepi2i_tf.evaluation.truth import KnownAnswers, Sums
from deepi2i_tf.utils.progress import progress_bar
from deepi2i_tf.utils.spacing import evenly_spaced

MAX_GRID_ROWS = 24
MAX_SHEET_ROWS = 20
MAX_RANDOM = 48

# What a class leaves behind.
PREDICTED = "predicted"
PREDICTED_CHANGED = "predicted_changed"
RESIDUAL = "residual"
RESIDUAL_TO_READING = "residual_to_reading"
PRODUCT = "pose_product"
SHOWN = "shown"
CHOSEN = "chosen"
CHOSEN_FEATURES = "chosen_features"
NUM_FOR_FC = "num_for_fc"
FC_FILE = "fc.uint8"

ClassResult = dict[str, Any]


def shown_classes(num_classes: int) -> set[int]:
    """Classes that a grid or a sheet shows."""
    rows = (MAX_GRID_ROWS, MAX_SHEET_ROWS)
    return {int(c) for most in rows for c in evenly_spaced(num_classes, most)}


class RandomSamples:
    """Translations drawn evenly among all of them, with their first z.

    Attributes:
        targets: int, (n,): class of each sample.
        rows: int, (n,): which translation into that class.
    """

    def __init__(
        self, translations: Translations, num_classes: int, seed: int
    ) -> None:
        counts = [translations.count(target) for target in range(num_classes)]
        edges = np.cumsum([0, *counts])
        total = int(edges[-1])
        generator = np.random.default_rng((seed, MAX_RANDOM))
        drawn = generator.choice(total, min(MAX_RANDOM, total), replace=False)
        self.targets = np.searchsorted(edges, drawn, side="right") - 1
        self.rows = drawn - edges[self.targets]

    def of(self, target: int) -> np.ndarray:
        """Rows of the samples of one class, rising; int, (m,)."""
        return np.sort(self.rows[self.targets == target])

    def in_order(self, of_classes: list[np.ndarray]) -> np.ndarray:
        """What was kept of the samples, class by class, as they were drawn.

        Args:
            of_classes: for every class an array with a row for each of `of`.

        Returns:
            (n, ...), a row for each sample.
        """
        return np.stack(
            [
                of_classes[target][np.searchsorted(self.of(target), row)]
                for target, row in zip(self.targets, self.rows, strict=True)
            ]
        )


@dataclasses.dataclass(frozen=True)
class SourceFacts:
    """What is known of the sources; None where nothing is.

    Args:
        labels: int32, (n,): their classes; -1 where it is none of the
            translator's.
        poses: float32, (n, 5): their true poses.
        predicted: float32, (n, 5): what the regressor reads from them.
    """

    labels: np.ndarray | None = None
    poses: np.ndarray | None = None
    predicted: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is kept of a class besides sums.

    Args:
        num_z: z of each source that count; those behind serve diversity.
        diversity_sources: first sources whose features are kept by z.
        diversity_z: how many z of those.
        shown: first sources whose translations are kept as pictures.
        chosen: int, (m,): sources whose first translation is kept too.
        num_for_fc: translations that FC's classifier learns, the first ones.
        fc_side: their side, in pixels.
    """

    num_z: int
    diversity_sources: int
    diversity_z: int
    shown: int
    chosen: np.ndarray
    num_for_fc: int
    fc_side: int


class ClassAccumulator:
    """Adds up the translations into one class."""

    def __init__(
        self,
        target: int,
        num_classes: int,
        facts: SourceFacts,
        plan: Plan,
        for_fc: RowFile,
    ) -> None:
        self._target, self._facts, self._plan = target, facts, plan
        self._for_fc, self._num_for_fc = for_fc, 0
        self._sums: dict[str, Any] = {
            PREDICTED: np.zeros(num_classes, np.int64)
        }
        if facts.labels is not None:
            self._sums[PREDICTED_CHANGED] = np.zeros(num_classes, np.int64)
        if facts.poses is not None:
            self._sums[RESIDUAL] = np.zeros(facts.poses.shape[1])
            self._sums[RESIDUAL_TO_READING] = np.zeros(facts.poses.shape[1])
            self._sums[PRODUCT] = np.zeros(facts.poses.shape[1])
        self._features: list[np.ndarray] = []
        self._draws: list[list[np.ndarray]] = [
            [] for _ in range(plan.diversity_z)
        ]
        self._pictures: dict[str, list[np.ndarray]] = {
            SHOWN: [],
            CHOSEN: [],
            CHOSEN_FEATURES: [],
        }

    def add(self, batch: Batch, predictions: Predictions) -> None:
        """Adds translations into this class, and what was read from them."""
        plan = self._plan
        if batch.draw < plan.num_z:
            self._features.append(predictions.features)
            self._add_classes(batch.rows, predictions.classes)
            self._add_poses(batch.rows, predictions.poses)
            self._add_for_fc(batch.images)
        if batch.draw < plan.diversity_z:
            few = batch.rows < plan.diversity_sources
            self._draws[batch.draw].append(predictions.features[few])
        if batch.draw == 0:
            shown = batch.rows < plan.shown
            chosen = np.isin(batch.rows, plan.chosen)
            self._pictures[SHOWN].append(batch.images[shown])
            self._pictures[CHOSEN].append(batch.images[chosen])
            self._pictures[CHOSEN_FEATURES].append(predictions.features[chosen])

    def features(self) -> np.ndarray:
        """Features of what counts, float32, (n, dimensions)."""
        return np.concatenate(self._features)

    def draws(self) -> np.ndarray:
        """For diversity: float32, (sources, z, dimensions)."""
        return np.stack([np.concatenate(each) for each in self._draws], 1)

    def arrays(self) -> dict[str, Any]:
        """Sums and pictures, to be kept."""
        pictures = {k: np.concatenate(v) for k, v in self._pictures.items()}
        return self._sums | pictures | {NUM_FOR_FC: self._num_for_fc}

    def _add_classes(self, rows: np.ndarray, classes: np.ndarray) -> None:
        length = len(self._sums[PREDICTED])
        self._sums[PREDICTED] += np.bincount(classes, minlength=length)
        if self._facts.labels is not None:
            changed = classes[self._facts.labels[rows] != self._target]
            counts = np.bincount(changed, minlength=length)
            self._sums[PREDICTED_CHANGED] += counts

    def _add_poses(self, rows: np.ndarray, poses: np.ndarray | None) -> None:
        if self._facts.poses is None:
            return
        for name, wanted in (
            (RESIDUAL, self._facts.poses[rows]),
            (RESIDUAL_TO_READING, self._facts.predicted[rows]),
        ):
            difference = wanted.astype(np.float64) - poses
            self._sums[name] += np.square(difference).sum(axis=0)
        truth = self._facts.poses.astype(np.float64)
        deviation = truth[rows] - truth.mean(axis=0)
        self._sums[PRODUCT] += (deviation * poses).sum(axis=0)

    def _add_for_fc(self, images: np.ndarray) -> None:
        images = images[: self._plan.num_for_fc - self._num_for_fc]
        self._for_fc.append(shrink(images, self._plan.fc_side))
        self._num_for_fc += len(images)


@dataclasses.dataclass(frozen=True)
class PerClassEvaluation:
    """The loop over one translator's classes."""

    translations: Translations
    facts: SourceFacts
    extractor: FeatureExtractor
    reals: RealFeatures
    without_distances: Collection[int]
    config: EvaluationConfig
    samples: RandomSamples
    work: WorkFolder
    known: KnownAnswers | None = None

    def for_fc(self) -> RowFile:
        """The translations that FC's classifier learns, class after class."""
        side = self.extractor.models.side
        return RowFile(self.work.file(FC_FILE), (side, side, 3), np.uint8)

    def run(self) -> list[ClassResult]:
        """Goes through all classes, or through those that are left.

        Returns:
            For each class its sums and pictures, by the names above and those
            of `distances`.
        """
        num_classes = self.extractor.models.num_classes
        results = self._finished()
        if results:
            print(f"evaluate: {len(results)} classes were done before")
        for_fc = self.for_fc()
        for_fc.truncate(sum(int(result[NUM_FOR_FC]) for result in results))
        with progress_bar("classes", num_classes, len(results)) as bar:
            for target in range(len(results), num_classes):
                result = self._evaluate_class(target, for_fc)
                self.work.save(_name(target), result)
                results.append(result)
                bar.update()
        return results

    def _finished(self) -> list[ClassResult]:
        """Results of the first classes that are complete."""
        results, needed, stored = [], 0, len(self.for_fc())
        for target in range(self.extractor.models.num_classes):
            result = self.work.load(_name(target))
            if result is None:
                break
            needed += int(result[NUM_FOR_FC])
            if needed > stored:
                break
            results.append(result)
        return results

    def _evaluate_class(self, target: int, for_fc: RowFile) -> ClassResult:
        plan = self._plan(target)
        accumulator = ClassAccumulator(
            target, self.extractor.models.num_classes, self.facts, plan, for_fc
        )
        answers = self.known and self.known.answers(target)
        sums = Sums()
        for batch in self.translations.batches(target):
            predictions = self.extractor.predict(batch.images)
            accumulator.add(batch, predictions)
            if answers and batch.draw < plan.num_z:
                features = predictions.features
                sums.add(self.known.compare(answers, batch, features))
        result = accumulator.arrays() | sums.arrays(plan.num_z)
        if target not in self.without_distances:
            reals = self.reals.of_class(target)
            result |= class_distances(accumulator.features(), reals)
            if plan.diversity_z:
                result |= class_diversity(accumulator.draws(), reals)
        return result

    def _plan(self, target: int) -> Plan:
        config = self.config
        num_classes = self.extractor.models.num_classes
        sourceless = self.translations.sources is None
        no_diversity = sourceless or not config.diversity_sources
        max_images = config.reference.max_images
        shown = target in shown_classes(num_classes)
        return Plan(
            num_z=self.translations.num_z,
            diversity_sources=config.diversity_sources,
            diversity_z=0 if no_diversity else config.diversity_z,
            shown=config.shown if shown else 0,
            chosen=self.samples.of(target),
            num_for_fc=max(1, max_images // num_classes) if config.fc else 0,
            fc_side=self.extractor.models.side,
        )


def _name(target: int) -> str:
    return f"class-{target:04d}"
