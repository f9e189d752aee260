"""One pass over translations, class by class: it serves every metric.

What a class leaves behind is small and is kept in the work folder, so that a
pass that was killed goes on with the class it was in.
"""

import dataclasses
from typing import Any

import numpy as np

from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.evaluation.cache.progress import Progress
from deepi2i_tf.evaluation.cache.real_features import RealFeatures
from deepi2i_tf.evaluation.cache.row_file import RowFile
from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.evaluation.class_tally import (
    NUM_FAKES,
    ClassAccumulator,
    Plan,
    SourceFacts,
)
from deepi2i_tf.evaluation.distances import class_distances, class_diversity
from deepi2i_tf.evaluation.feature_extractor import FeatureExtractor
from deepi2i_tf.evaluation.pictures.samples import (
    RandomSamples,
    shown_classes,
)
from deepi2i_tf.evaluation.reference.training import Say
from deepi2i_tf.evaluation.translations import Translations

FAKES_FILE = "fakes.uint8"
ClassResult = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class PerClassEvaluation:
    """The pass over one subject's translations.

    Args:
        translations: what is measured.
        facts: what is known of their sources.
        eyes: what looks at them.
        reals: what they are compared with; None leaves distances out.
        options: what a person chose.
        samples: which are kept as random pictures.
        work: keeps finished classes.
        say: takes progress lines.
    """

    translations: Translations
    facts: SourceFacts
    eyes: FeatureExtractor
    reals: RealFeatures | None
    options: EvaluationConfig
    samples: RandomSamples
    work: WorkFolder
    say: Say

    def fakes(self) -> RowFile:
        """The translations that FC's classifier learns, class after class."""
        side = self.eyes.judge.side
        path = self.work.file(FAKES_FILE)
        return RowFile(path, (side, side, 3), np.uint8)

    def run(self) -> list[ClassResult]:
        """Goes through all classes, or through those that are left.

        Returns:
            For each class its sums and pictures, by the names of
            `class_tally` and `distances`.
        """
        num_classes = self.eyes.judge.num_classes
        results = self._finished()
        if results:
            self.say(f"evaluate: {len(results)} classes were done before")
        fakes = self.fakes()
        fakes.truncate(sum(int(result[NUM_FAKES]) for result in results))
        progress = Progress("classes", num_classes, len(results), self.say)
        for target in range(len(results), num_classes):
            result = self._read(target, fakes)
            self.work.save(_name(target), result)
            results.append(result)
            progress.add(1, always=True)
        return results

    def _finished(self) -> list[ClassResult]:
        """Results of the first classes that are complete."""
        results, fakes, there = [], 0, len(self.fakes())
        for target in range(self.eyes.judge.num_classes):
            result = self.work.load(_name(target))
            if result is None:
                break
            fakes += int(result[NUM_FAKES])
            if fakes > there:
                break
            results.append(result)
        return results

    def _read(self, target: int, fakes: RowFile) -> ClassResult:
        plan = self._plan(target)
        tally = ClassAccumulator(
            target, self.eyes.judge.num_classes, self.facts, plan, fakes
        )
        for batch in self.translations.batches(target):
            tally.add(batch, self.eyes.look(batch.images))
        result = tally.arrays()
        if self.reals is not None:
            reals = self.reals.of_class(target)
            result |= class_distances(tally.features(), reals)
            if plan.diversity_z:
                result |= class_diversity(tally.draws(), reals)
        return result

    def _plan(self, target: int) -> Plan:
        options = self.options
        num_classes = self.eyes.judge.num_classes
        sourceless = self.translations.sources is None
        no_diversity = sourceless or not options.diversity_sources
        max_images = options.reference_training.max_images
        shown = target in shown_classes(num_classes)
        return Plan(
            num_z=options.num_z,
            diversity_sources=options.diversity_sources,
            diversity_z=0 if no_diversity else options.diversity_z,
            shown=options.shown if shown else 0,
            chosen=self.samples.of(target),
            num_fakes=max(1, max_images // num_classes) if options.fc else 0,
            fakes_side=self.eyes.judge.side,
        )


def _name(target: int) -> str:
    return f"class-{target:04d}"
