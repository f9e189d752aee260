"""Real images, sources and a judge, ready to measure translations."""

import dataclasses
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.evaluation.cache.real_features import RealFeatures
from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.evaluation.class_pass import ClassResult, PerClassEvaluation
from deepi2i_tf.evaluation.class_tally import NUM_FAKES, SEEN, SourceFacts
from deepi2i_tf.evaluation.distances import lack_of_images
from deepi2i_tf.evaluation.feature_extractor import FeatureExtractor
from deepi2i_tf.evaluation.images.labelled_images import TEST, LabelledImages
from deepi2i_tf.evaluation.images.real_images import (
    RealImages,
    read_real_images,
)
from deepi2i_tf.evaluation.inception_features import InceptionFeatures
from deepi2i_tf.evaluation.pictures.samples import RandomSamples
from deepi2i_tf.evaluation.protocol import Facts, describe_protocol
from deepi2i_tf.evaluation.reference.classifier import fake_classifier_confusion
from deepi2i_tf.evaluation.reference.source import (
    train_or_load_reference_models,
)
from deepi2i_tf.evaluation.reference.training import Say
from deepi2i_tf.evaluation.scores import Reals, score
from deepi2i_tf.evaluation.translations import Translations
from deepi2i_tf.metrics import names
from deepi2i_tf.metrics.classifier_scores import confusion_matrix

SOURCES_FILE = "sources.uint8"
TEST_FILE = "test.uint8"


@dataclasses.dataclass(frozen=True)
class Measurement:
    """What was measured of one subject.

    Args:
        scores: the contents of `metrics.json`.
        results: what the pass left, by class.
        samples: which translations were drawn as random pictures.
    """

    scores: dict[str, Any]
    results: Sequence[ClassResult]
    samples: RandomSamples


class Evaluation:
    """Everything that measuring needs besides what is measured.

    Args:
        data: real images: judges learn the training split and are tested on
            the test split.
        options: what a person chose.
        judge_dir: folder of kept judges.
        folder: where features and images lie while they are needed.
        inception: Inception with weights; None takes the judge's features.
        say: takes progress lines.

    Attributes:
        data: the real images.
        eyes: the judge and the feature network.
        reals: features of the real images that are compared with.
        reals_split: which split those come from.

    Raises:
        UserError: the images or a kept judge cannot be read.
    """

    def __init__(
        self,
        data: LabelledImages,
        options: EvaluationConfig,
        judge_dir: str,
        folder: str,
        inception: InceptionFeatures | None = None,
        say: Say = print,
    ) -> None:
        self.data, self._options, self._say = data, options, say
        self._folder, self.reals_split = folder, options.reals_split
        judge, self._judge_key = train_or_load_reference_models(
            data, options.reference_training, options.seed, judge_dir, say
        )
        self.eyes = FeatureExtractor(judge, inception)
        self._test = read_real_images(
            data, TEST, math.inf, judge.side, os.path.join(folder, TEST_FILE)
        )
        seen = judge.classify(self._test.images)
        self._confusion = confusion_matrix(
            self._test.labels, seen, judge.num_classes
        )
        self.reals = RealFeatures(
            data,
            options.reals_split,
            options.reals_per_class,
            folder,
            self.eyes.dimensions,
        )
        self.reals.read(self.eyes, options.batch_size, say)

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
            self._options.num_images,
            data.resolution,
            os.path.join(self._folder, SOURCES_FILE),
        )
        places = {name: i for i, name in enumerate(self.data.class_names)}
        labels = [places.get(name, -1) for name in data.class_names]
        class_names = [data.class_names[label] for label in sources.labels]
        known = np.array(labels, np.int32)[sources.labels]
        return dataclasses.replace(sources, labels=known), class_names

    def lack(self, translations: Translations) -> str:
        """What keeps distances from being computed; empty where nothing."""
        counts = [
            translations.count(target) * self._options.num_z
            for target in range(self.data.num_classes)
        ]
        return lack_of_images(
            counts,
            self.reals.counts,
            self.data.class_names,
            self._options.reals_split,
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
        seed, class_names = self._options.seed, self.data.class_names
        reals = None if self.lack(translations) else self.reals
        passing = PerClassEvaluation(
            translations=translations,
            facts=self._facts(translations.sources),
            eyes=self.eyes,
            reals=reals,
            options=self._options,
            samples=RandomSamples(translations, len(class_names), seed),
            work=work,
            say=self._say,
        )
        results = passing.run()
        fakes = self._fake_confusion(passing, results)
        counts = reals.counts if reals else None
        message = Reals(self._confusion, fakes, counts)
        scores = score(results, passing.facts, message, class_names)
        scores[names.FEATURES] = self.eyes.name
        scores[names.PROTOCOL] = {
            **self._protocol(translations, results, counts),
            **translations.message,
            **origin,
        }
        return Measurement(scores, results, passing.samples)

    def _facts(self, sources: RealImages | None) -> SourceFacts:
        if sources is None:
            return SourceFacts()
        judge = self.eyes.judge
        if sources.poses is None or judge.regressor is None:
            return SourceFacts(sources.labels)
        reading = judge.read_pose(sources.images)
        return SourceFacts(sources.labels, sources.poses, reading)

    def _fake_confusion(
        self, passing: PerClassEvaluation, results: Sequence[ClassResult]
    ) -> np.ndarray | None:
        if not self._options.fc:
            return None
        num_fakes = [int(result[NUM_FAKES]) for result in results]
        return fake_classifier_confusion(
            passing.fakes(),
            np.repeat(np.arange(len(results), dtype=np.int32), num_fakes),
            self._test.images,
            self._test.labels,
            len(results),
            self._options.reference_training,
            self._options.seed,
            self._say,
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
                options=self._options,
                eyes=self.eyes,
                judge_key=self._judge_key,
                sources=translations.sources,
                num_test=len(self._test),
                num_translations=[int(each[SEEN].sum()) for each in results],
                num_reals=num_reals,
                num_fakes=sum(int(each[NUM_FAKES]) for each in results),
            )
        )
