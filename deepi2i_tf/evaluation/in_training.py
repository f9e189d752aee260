"""Measures the networks of a run while it trains.

Training and evaluation do not know each other: `train` and `pretrain` hand
one of these to the loop.
"""

import atexit
import os
import shutil
import tempfile
from typing import Any

import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.data import PreparedData, find_configured
from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.evaluation.evaluated_model import (
    sample_function,
    translate_function,
)
from deepi2i_tf.evaluation.evaluator import Evaluation
from deepi2i_tf.evaluation.images.labelled_images import prepared_set
from deepi2i_tf.evaluation.translations import (
    ClassSamples,
    TranslatedSources,
    Translations,
)
from deepi2i_tf.metrics import names
from deepi2i_tf.models import BaseTranslator
from deepi2i_tf.networks import Generator, z_length
from deepi2i_tf.runs.layout import REFERENCE_FOLDER

# A quarter of what `evaluate` translates, and nothing that trains once more.
# Distances to 100 real images of a class rank the checkpoints of a run; they
# are not those of a report, which has more images.
IN_TRAINING = EvaluationConfig(
    num_images=256,
    reals_per_class=100,
    diversity_sources=0,
    fc=False,
)


def make_repeatable() -> None:
    """Gives one seed one number on a GPU too, whatever that costs.

    For the whole process and for good: not for library code.
    """
    tf.config.experimental.enable_op_determinism()


def reference_folder(run_dir: str, runs_dir: str = "") -> str:
    """Where the reference models of a run lie: beside it, for all runs there.

    Args:
        run_dir: the run directory; empty where training will make it.
        runs_dir: where training will make it.
    """
    parent = os.path.dirname(os.path.normpath(run_dir)) if run_dir else runs_dir
    return os.path.join(parent, REFERENCE_FOLDER)


class RunEvaluator:
    """Measures one run's translators on its data, every `evaluate_every`.

    Reference models are trained, or read from beside the run, when the first
    translator comes: a run that ends before pays nothing for them. `evaluate`
    finds them in the same place.

    Args:
        config: the run's configuration.
        evaluation: how it is measured.
        prepared: its data set; None finds it.
    """

    def __init__(
        self,
        config: Config,
        evaluation: EvaluationConfig = IN_TRAINING,
        prepared: PreparedData | None = None,
    ) -> None:
        self._config = config
        self._prepared = prepared
        self._evaluation_config = evaluation
        self._evaluation: Evaluation | None = None
        self._sources: Any = None

    def __call__(self, step: int, translator: BaseTranslator) -> dict[str, Any]:
        """Measures the averaged translator of a training step.

        Returns:
            The numbers of `metrics.json`: `rc`, `mfid`, `mkid_x100` and what
            else applies; distances leave out classes that are too small.
        """
        if self._evaluation is None:
            self._evaluation = self._make()
        translations = self._translations(self._evaluation, translator)
        lack = self._evaluation.lack(translations)
        if lack:
            print(f"Evaluation: {lack}")
        with (
            tempfile.TemporaryDirectory() as folder,
            WorkFolder(folder, key="") as work,
        ):
            measured = self._evaluation.measure(
                translations, work, {"step": step}
            )
        left_out = (names.PROTOCOL, names.PER_CLASS, names.FEATURES)
        return {k: v for k, v in measured.scores.items() if k not in left_out}

    def _translations(
        self, evaluation: Evaluation, translator: BaseTranslator
    ) -> Translations:
        if self._sources is None:
            self._sources, _ = evaluation.read_sources()
        return TranslatedSources(
            translate_function(translator),
            z_length(self._config.network),
            self._sources,
            self._evaluation_config,
        )

    def _make(self) -> Evaluation:
        prepared = self._prepared or find_configured(
            self._config.data, self._config.network.resolution
        )
        training = self._config.training
        folder = tempfile.mkdtemp(prefix="deepi2i-evaluation-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        evaluation = Evaluation(
            prepared_set(prepared),
            self._evaluation_config,
            reference_folder(training.run_dir, training.runs_dir),
            folder,
        )
        evaluation.train()
        return evaluation


class SampleEvaluator(RunEvaluator):
    """Measures one run's BigGAN generators: samples against their classes.

    The same reference models and numbers, without those that need sources.
    """

    def _translations(
        self, evaluation: Evaluation, translator: Generator
    ) -> Translations:
        del evaluation  # Nothing is translated.
        dim_z = z_length(self._config.network)
        sample = sample_function(translator)
        return ClassSamples(sample, dim_z, self._evaluation_config)
