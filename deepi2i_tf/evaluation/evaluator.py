"""Real images, sources and reference models, ready to measure translations."""

import dataclasses
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.evaluation.cache.real_features import RealFeatures
from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.evaluation.distances import MINIMUM, without_distances
from deepi2i_tf.evaluation.feature_extractor import (
    FeatureExtractor,
    InceptionFeatures,
)
from deepi2i_tf.evaluation.images.labelled_images import (
    TEST,
    TRAIN,
    LabelledImages,
    RealImages,
    read_real_images,
)
from deepi2i_tf.evaluation.per_class import (
    NUM_FOR_FC,
    PREDICTED,
    ClassResult,
    PerClassEvaluation,
    RandomSamples,
    SourceFacts,
)
from deepi2i_tf.evaluation.protocol import Facts, describe_protocol
from deepi2i_tf.evaluation.reference.models import fc_confusion
from deepi2i_tf.evaluation.reference.store import (
    train_or_load_reference_models,
)
from deepi2i_tf.evaluation.scores import Reals, score
from deepi2i_tf.evaluation.translations import Translations
from deepi2i_tf.evaluation.truth import COUNT, KnownAnswers
from deepi2i_tf.metrics import names
from deepi2i_tf.metrics.classifier_scores import confusion_matrix
from deepi2i_tf.utils.names import composed

SOURCES_FILE = "sources.uint8"
TEST_FILE = "test.uint8"
# Classes that a sentence names.
MOST_NAMED = 5


@dataclasses.dataclass(frozen=True)
class Measurement:
    """What was measured of one translator.

    Args:
        scores: the contents of `metrics.json`.
        results: what was left of each class.
        samples: which translations were drawn as random pictures.
    """

    scores: dict[str, Any]
    results: Sequence[ClassResult]
    samples: RandomSamples


class Evaluation:
    """Everything that measuring needs besides what is measured.

    What can be refused is refused when one is made and when sources are read,
    before `train` spends time on reference models.

    Args:
        data: real images: reference models learn the training split and are
            tested on the test split.
        config: how translations are measured.
        reference_dir: folder of kept reference models.
        folder: where features and images lie while they are needed.
        inception: Inception with weights; None takes the classifier's
            features.

    Attributes:
        data: the real images.
        reals_split: which split is compared with.
        extractor: reference models and feature network, once they are trained.
        reals: features of the real images that are compared with, likewise.
        known: the right answers to the sources that were measured last, where
            the test split has them.

    Raises:
        UserError: images cannot be read, or there are none for testing.
    """

    def __init__(
        self,
        data: LabelledImages,
        config: EvaluationConfig,
        reference_dir: str,
        folder: str,
        inception: InceptionFeatures | None = None,
    ) -> None:
        self.data, self._config, self._folder = data, config, folder
        self._reference_dir, self._inception = reference_dir, inception
        self.known: KnownAnswers | None = None
        self.reals_split = config.reals_split
        most = config.reals_per_class or math.inf
        self._num_reals = [min(n, most) for n in data.count(config.reals_split)]
        self._test = read_real_images(
            data,
            TEST,
            math.inf,
            config.reference.side(data.resolution),
            os.path.join(folder, TEST_FILE),
        )

    def train(self) -> None:
        """Trains the reference models, or reads them, and sees all reals.

        Raises:
            UserError: images or kept reference models cannot be read.
        """
        config = self._config
        models, self._reference_key = train_or_load_reference_models(
            self.data, config.reference_training, self._reference_dir
        )
        self.extractor = FeatureExtractor(models, self._inception)
        self._confusion = confusion_matrix(
            self._test.labels,
            models.classify(self._test.images),
            models.num_classes,
        )
        self.reals = RealFeatures(
            self.data,
            config.reals_split,
            config.reals_per_class,
            self._folder,
            self.extractor.dimensions,
        )
        self.reals.read(self.extractor, config.batch_size)

    def read_sources(
        self, other: LabelledImages | None = None
    ) -> tuple[RealImages, list[str]]:
        """Test images to translate.

        Args:
            other: images to take them from; None takes those of `data`.

        Returns:
            The images, in a file; labels are those of `data`, and -1 for
            classes that it does not have; pairs are those of `data`, and None
            for images of another set. And the class name of each.
        """
        data = other or self.data
        sources = read_real_images(
            data,
            TEST,
            self._config.num_images,
            data.resolution,
            os.path.join(self._folder, SOURCES_FILE),
        )
        label_of = {
            composed(name): i for i, name in enumerate(self.data.class_names)
        }
        labels = [label_of.get(composed(n), -1) for n in data.class_names]
        class_names = [data.class_names[label] for label in sources.labels]
        known = np.array(labels, np.int32)[sources.labels]
        sources = dataclasses.replace(sources, labels=known)
        if os.path.realpath(data.path) != os.path.realpath(self.data.path):
            sources = dataclasses.replace(sources, pairs=None)
        return sources, class_names

    def without_distances(self, translations: Translations) -> list[int]:
        """Labels of the classes that are too small for mFID and mKID."""
        return without_distances(
            self._num_translations(translations), self._num_reals
        )

    def lack(self, translations: Translations) -> str:
        """Which classes are too small for mFID and mKID, and what to do.

        One sentence, or none where no class is.
        """
        names = self.data.class_names
        counts = self._num_translations(translations)
        sides = {
            "translations": (counts, translations.how_to_add),
            f"real images (split {self.reals_split})": (
                self._num_reals,
                self._how_to_add_reals(),
            ),
        }
        lacks = []
        for what, (counts, fix) in sides.items():
            small = [
                f"{name} ({count})"
                for name, count in zip(names, counts, strict=True)
                if count < MINIMUM
            ]
            if small:
                more = ", ..." * (len(small) > MOST_NAMED)
                lacks.append(
                    f"Expected at least {MINIMUM} {what} of every class for "
                    f"mFID and mKID. Received: fewer of {len(small)} out of "
                    f"{len(names)}: {', '.join(small[:MOST_NAMED])}{more}. "
                    f"{fix}; RC is measured all the same."
                )
        return " ".join(lacks)

    def _num_translations(self, translations: Translations) -> list[int]:
        return [
            translations.count(target) * translations.num_z
            for target in range(self.data.num_classes)
        ]

    def _how_to_add_reals(self) -> str:
        other = TEST if self.reals_split == TRAIN else TRAIN
        if self._config.reals_per_class == 1:
            return "Raise --reals_per_class"
        if min(self.data.count(other)) >= MINIMUM:
            return f"Add images, or use --reals_split={other}"
        return "Add images"

    def measure(
        self,
        translations: Translations,
        work: WorkFolder,
        origin: Mapping[str, Any],
    ) -> Measurement:
        """Measures translations.

        Returns:
            The measurement; distances leave out classes that are too small.
        """
        class_names = self.data.class_names
        too_small = self.without_distances(translations)
        per_class = self._per_class(translations, too_small, work)
        results = per_class.run()
        fc = self._fc_confusion(per_class, results)
        some = len(too_small) < len(class_names)
        real = Reals(self._confusion, fc, self.reals.counts if some else None)
        scores = score(results, per_class.facts, real, class_names)
        scores[names.FEATURES] = self.extractor.name
        scores[names.PROTOCOL] = {
            **self._protocol(translations, results, too_small),
            **translations.protocol,
            **origin,
        }
        return Measurement(scores, results, per_class.samples)

    def _per_class(
        self,
        translations: Translations,
        too_small: Sequence[int],
        work: WorkFolder,
    ) -> PerClassEvaluation:
        num_classes, seed = self.data.num_classes, self._config.seed
        return PerClassEvaluation(
            translations=translations,
            facts=self._facts(translations.sources),
            extractor=self.extractor,
            reals=self.reals,
            without_distances=too_small,
            config=self._config,
            samples=RandomSamples(translations, num_classes, seed),
            work=work,
            known=self._known_answers(translations.sources),
        )

    def _known_answers(self, sources: RealImages | None) -> KnownAnswers | None:
        if sources is None or sources.pairs is None:
            self.known = None
        elif self.known is None or self.known.sources is not sources:
            config = self._config
            self.known = KnownAnswers(
                self.data, sources, self._folder, config.seed
            )
            self.known.read(self.extractor, config.batch_size)
        return self.known

    def _facts(self, sources: RealImages | None) -> SourceFacts:
        if sources is None:
            return SourceFacts()
        models = self.extractor.models
        if sources.poses is None or models.regressor is None:
            return SourceFacts(sources.labels)
        predicted = models.predict_poses(sources.images)
        return SourceFacts(sources.labels, sources.poses, predicted)

    def _fc_confusion(
        self, per_class: PerClassEvaluation, results: Sequence[ClassResult]
    ) -> np.ndarray | None:
        if not self._config.fc:
            return None
        counts = [int(result[NUM_FOR_FC]) for result in results]
        return fc_confusion(
            per_class.for_fc(),
            np.repeat(np.arange(len(results), dtype=np.int32), counts),
            self._test.images,
            self._test.labels,
            len(results),
            self._config.reference_training,
        )

    def _protocol(
        self,
        translations: Translations,
        results: Sequence[ClassResult],
        too_small: Sequence[int],
    ) -> dict[str, Any]:
        return describe_protocol(
            Facts(
                data=self.data,
                config=self._config,
                extractor=self.extractor,
                reference_key=self._reference_key,
                sources=translations.sources,
                num_test=len(self._test),
                num_translations=[int(r[PREDICTED].sum()) for r in results],
                num_reals=self.reals.counts,
                without_distances=too_small,
                num_for_fc=sum(int(each[NUM_FOR_FC]) for each in results),
                num_pairs=self.known.num_pairs if self.known else 0,
                num_answered=sum(int(each.get(COUNT, 0)) for each in results),
            )
        )
