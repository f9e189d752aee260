"""What is kept of the translations into one class, while they pass by.

Of an image that counts stay its features until the class is done, its share
in a few sums, and, if it was chosen, its pixels.
"""

import dataclasses
from typing import Any

import numpy as np

from deepi2i_tf.evaluation.cache.row_file import RowFile
from deepi2i_tf.evaluation.feature_extractor import Predictions
from deepi2i_tf.evaluation.reference.images import shrink
from deepi2i_tf.evaluation.translations import Batch

SEEN = "seen"
SEEN_CHANGED = "seen_changed"
RESIDUAL = "residual"
RESIDUAL_TO_READING = "residual_to_reading"
SHOWN = "shown"
CHOSEN = "chosen"
CHOSEN_FEATURES = "chosen_features"
NUM_FAKES = "num_fakes"


@dataclasses.dataclass(frozen=True)
class SourceFacts:
    """What is known of the sources; None where nothing is.

    Args:
        labels: int32, (n,): their classes; -1 where it is none of the
            translator's.
        poses: float32, (n, 5): their true poses.
        reading: float32, (n, 5): what the judge reads from them.
    """

    labels: np.ndarray | None = None
    poses: np.ndarray | None = None
    reading: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is kept besides sums.

    Args:
        num_z: z of each source that count; those behind serve diversity.
        diversity_sources: first sources whose features are kept by z.
        diversity_z: how many z of those.
        shown: first sources whose translations are kept as pictures.
        chosen: int, (m,): sources whose first translation is kept too.
        num_fakes: translations that FC's classifier learns, the first ones.
        fakes_side: their side, in pixels.
    """

    num_z: int
    diversity_sources: int
    diversity_z: int
    shown: int
    chosen: np.ndarray
    num_fakes: int
    fakes_side: int


class ClassAccumulator:
    """Adds up the translations into one class.

    Args:
        target: the class.
        num_classes: number of classes.
        facts: what is known of the sources.
        plan: what is kept.
        fakes: takes the translations that FC's classifier learns.
    """

    def __init__(
        self,
        target: int,
        num_classes: int,
        facts: SourceFacts,
        plan: Plan,
        fakes: RowFile,
    ) -> None:
        self._target, self._facts, self._plan = target, facts, plan
        self._fakes, self._num_fakes = fakes, 0
        self._sums: dict[str, Any] = {SEEN: np.zeros(num_classes, np.int64)}
        if facts.labels is not None:
            self._sums[SEEN_CHANGED] = np.zeros(num_classes, np.int64)
        if facts.poses is not None:
            self._sums[RESIDUAL] = np.zeros(facts.poses.shape[1])
            self._sums[RESIDUAL_TO_READING] = np.zeros(facts.poses.shape[1])
        self._features: list[np.ndarray] = []
        self._draws: list[list[np.ndarray]] = [
            [] for _ in range(plan.diversity_z)
        ]
        self._pictures: dict[str, list[np.ndarray]] = {
            SHOWN: [],
            CHOSEN: [],
            CHOSEN_FEATURES: [],
        }

    def add(self, batch: Batch, sight: Predictions) -> None:
        """Adds a batch.

        Args:
            batch: translations into this class.
            sight: what was seen in them.
        """
        plan = self._plan
        if batch.place < plan.num_z:
            self._features.append(sight.features)
            self._add_classes(batch.rows, sight.classes)
            self._add_poses(batch.rows, sight.poses)
            self._add_fakes(batch.images)
        if batch.place < plan.diversity_z:
            few = batch.rows < plan.diversity_sources
            self._draws[batch.place].append(sight.features[few])
        if batch.place == 0:
            shown = batch.rows < plan.shown
            chosen = np.isin(batch.rows, plan.chosen)
            self._pictures[SHOWN].append(batch.images[shown])
            self._pictures[CHOSEN].append(batch.images[chosen])
            self._pictures[CHOSEN_FEATURES].append(sight.features[chosen])

    def features(self) -> np.ndarray:
        """Features of what counts, float32, (n, dimensions)."""
        return np.concatenate(self._features)

    def draws(self) -> np.ndarray:
        """For diversity: float32, (sources, z, dimensions)."""
        return np.stack([np.concatenate(each) for each in self._draws], 1)

    def arrays(self) -> dict[str, Any]:
        """Sums and pictures, to be kept."""
        pictures = {k: np.concatenate(v) for k, v in self._pictures.items()}
        return self._sums | pictures | {NUM_FAKES: self._num_fakes}

    def _add_classes(self, rows: np.ndarray, seen: np.ndarray) -> None:
        length = len(self._sums[SEEN])
        self._sums[SEEN] += np.bincount(seen, minlength=length)
        if self._facts.labels is not None:
            changed = seen[self._facts.labels[rows] != self._target]
            self._sums[SEEN_CHANGED] += np.bincount(changed, minlength=length)

    def _add_poses(self, rows: np.ndarray, poses: np.ndarray | None) -> None:
        if self._facts.poses is None:
            return
        for name, wanted in (
            (RESIDUAL, self._facts.poses[rows]),
            (RESIDUAL_TO_READING, self._facts.reading[rows]),
        ):
            difference = wanted.astype(np.float64) - poses
            self._sums[name] += np.square(difference).sum(axis=0)

    def _add_fakes(self, images: np.ndarray) -> None:
        images = images[: self._plan.num_fakes - self._num_fakes]
        self._fakes.append(shrink(images, self._plan.fakes_side))
        self._num_fakes += len(images)
