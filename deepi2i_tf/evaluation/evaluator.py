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
from deepi2i_tf.evaluation.distances import lack_of_images
from deepi2i_tf.evaluation.feature_extractor import (
    FeatureExtractor,
    InceptionFeatures,
)
from deepi2i_tf.evaluation.images.labelled_images import (
    TEST,
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
from deepi2i_tf.metrics import names
from deepi2i_tf.metrics.classifier_scores import confusion_matrix
from deepi2i_tf.utils.names import composed

SOURCES_FILE = "sources.uint8"
TEST_FILE = "test.uint8"


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
        extractor: reference models and feature network.
        reals: features of the real images that are compared with.
        reals_split: which split those come from.

    Raises:
        UserError: images or kept reference models cannot be read.
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
        self.reals_split = config.reals_split
        models, self._reference_key = train_or_load_reference_models(
            data, config.reference_training, reference_dir
        )
        self.extractor = FeatureExtractor(models, inception)
        self._test = read_real_images(
            data, TEST, math.inf, models.side, os.path.join(folder, TEST_FILE)
        )
        self._confusion = confusion_matrix(
            self._test.labels,
            models.classify(self._test.images),
            models.num_classes,
        )
        self.reals = RealFeatures(
            data,
            config.reals_split,
            config.reals_per_class,
            folder,
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
            classes that it does not have. And the class name of each.
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
        return dataclasses.replace(sources, labels=known), class_names

    def lack(self, translations: Translations) -> str:
        """What keeps distances from being computed; empty where nothing."""
        counts = [
            translations.count(target) * self._config.num_z
            for target in range(self.data.num_classes)
        ]
        return lack_of_images(
            counts,
            self.reals.counts,
            self.data.class_names,
            self._config.reals_split,
        )

    def measure(
        self,
        translations: Translations,
        work: WorkFolder,
        origin: Mapping[str, Any],
    ) -> Measurement:
        """Measures translations.

        Args:
            translations: into every class.
            work: keeps finished classes.
            origin: where they come from; joins the protocol.

        Returns:
            The measurement; without distances where images lack for them.
        """
        seed, class_names = self._config.seed, self.data.class_names
        reals = None if self.lack(translations) else self.reals
        per_class = PerClassEvaluation(
            translations=translations,
            facts=self._facts(translations.sources),
            extractor=self.extractor,
            reals=reals,
            config=self._config,
            samples=RandomSamples(translations, len(class_names), seed),
            work=work,
        )
        results = per_class.run()
        fc = self._fc_confusion(per_class, results)
        counts = reals.counts if reals else None
        real = Reals(self._confusion, fc, counts)
        scores = score(results, per_class.facts, real, class_names)
        scores[names.FEATURES] = self.extractor.name
        scores[names.PROTOCOL] = {
            **self._protocol(translations, results, counts),
            **translations.protocol,
            **origin,
        }
        return Measurement(scores, results, per_class.samples)

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
        num_reals: Sequence[int] | None,
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
                num_reals=num_reals,
                num_for_fc=sum(int(each[NUM_FOR_FC]) for each in results),
            )
        )
