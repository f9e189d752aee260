"""Measures the translators of a run: what `train` and `evaluate` share.

Training and evaluation do not know each other; this is where a live
translator of the one becomes a function of arrays for the other, and where
both learn in which folder the judges lie.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.data import find_configured
from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.evaluation.evaluate import JUDGE_FOLDER
from deepi2i_tf.evaluation.evaluator import Evaluation
from deepi2i_tf.evaluation.images.labelled_images import prepared_set
from deepi2i_tf.evaluation.pictures.interpolation import Mix
from deepi2i_tf.evaluation.translations import (
    ClassSamples,
    Sample,
    Translate,
    TranslatedSources,
    Translations,
)
from deepi2i_tf.metrics import names
from deepi2i_tf.models import Translator
from deepi2i_tf.networks import Generator, z_length
from deepi2i_tf.serving.signatures import ServedTranslator

# A quarter of what `evaluate` looks at, and nothing that trains once more.
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
    """Where the judges of a run lie: beside it, for all runs there.

    Args:
        run_dir: the run directory; empty where training will make it.
        runs_dir: where training will make it.
    """
    parent = os.path.dirname(os.path.normpath(run_dir)) if run_dir else runs_dir
    return os.path.join(parent, JUDGE_FOLDER)


def translate_function(translator: Translator) -> Translate:
    """A translator as a function of NumPy arrays, compiled once.

    Args:
        translator: the live translator.

    Returns:
        (images float32 (batch, R, R, 3) in [-1, 1], z float32 (batch,
        dim_z), labels int32 (batch,)) -> images float32 like the first.
    """

    def call(images: tf.Tensor, z: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        translated = translator(images, z=z, labels=labels, training=False)
        return tf.cast(translated, tf.float32)

    return _compiled(call)


def sample_function(generator: Generator) -> Sample:
    """A BigGAN's generator as a function of NumPy arrays, compiled once.

    Args:
        generator: the live generator.

    Returns:
        (z float32 (batch, dim_z), labels int32 (batch,)) -> images float32
        (batch, R, R, 3) in [-1, 1].
    """

    def call(z: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        made = generator(z, labels=labels, training=False)
        return tf.cast(made, tf.float32)

    return _compiled(call)


def mix_function(translator: Translator, config: NetworkConfig) -> Mix:
    """A translator between classes as a function of NumPy arrays.

    Args:
        translator: the live translator.
        config: shape of its networks.

    Returns:
        (images, z, first class, second class, amount) -> images; see `Mix`.
    """
    served = ServedTranslator(
        translator, config.resolution, config.num_classes, z_length(config)
    )

    def call(
        images: tf.Tensor,
        z: tf.Tensor,
        first: tf.Tensor,
        second: tf.Tensor,
        amount: tf.Tensor,
    ) -> tf.Tensor:
        mixed = served.translate_mix(images, first, second, amount, z)
        return mixed["images"]

    return _compiled(call)


def _compiled(function: Callable[..., tf.Tensor]) -> Callable[..., np.ndarray]:
    """A function of tensors as one of arrays, for batches of any length.

    One graph serves all lengths: of several, one would be chosen by what was
    called before, and numbers could depend on where work was interrupted.
    """
    graph = None

    def call(*arrays: np.ndarray) -> np.ndarray:
        nonlocal graph
        if graph is None:
            specs = [
                tf.TensorSpec((None, *array.shape[1:]), array.dtype)
                for array in arrays
            ]
            graph = tf.function(
                function, input_signature=specs, autograph=False
            )
        return graph(*map(tf.convert_to_tensor, arrays)).numpy()

    return call


class RunEvaluator:
    """Measures one run's translators on its data, every `evaluate_every`.

    The judge is trained, or read from beside the run, when the first
    translator comes: a run that ends before owes nothing for it. `evaluate`
    finds it in the same place.

    Args:
        config: the run's configuration.
        options: what is measured.
    """

    def __init__(
        self, config: Config, options: EvaluationConfig = IN_TRAINING
    ) -> None:
        self._config = config
        self._options = options
        self._evaluation: Evaluation | None = None
        self._sources: Any = None

    def __call__(self, step: int, translator: Translator) -> dict[str, Any]:
        """Measures one translator.

        Args:
            step: training step of the translator.
            translator: the averaged translator.

        Returns:
            The numbers of `metrics.json`: `rc`, `mfid`, `mkid_x100` and what
            else applies; distances are missing where images lack for them.
        """
        if self._evaluation is None:
            self._evaluation = self._make()
        translations = self._translations(self._evaluation, translator)
        lack = self._evaluation.lack(translations)
        if lack:
            print(f"Evaluation without mFID and mKID: {lack}")
        with (
            tempfile.TemporaryDirectory() as folder,
            WorkFolder(folder, key="", say=print) as work,
        ):
            measured = self._evaluation.measure(
                translations, work, {"step": step}
            )
        left_out = (names.PROTOCOL, names.PER_CLASS, names.FEATURES)
        return {k: v for k, v in measured.scores.items() if k not in left_out}

    def _translations(
        self, evaluation: Evaluation, translator: Translator
    ) -> Translations:
        if self._sources is None:
            self._sources, _ = evaluation.read_sources()
        return TranslatedSources(
            translate_function(translator),
            z_length(self._config.network),
            self._sources,
            self._options,
        )

    def _make(self) -> Evaluation:
        prepared = find_configured(
            self._config.data, self._config.network.resolution
        )
        training = self._config.training
        folder = tempfile.mkdtemp(prefix="deepi2i-evaluation-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return Evaluation(
            prepared_set(prepared),
            self._options,
            reference_folder(training.run_dir, training.runs_dir),
            folder,
        )


class SampleEvaluator(RunEvaluator):
    """Measures one run's BigGAN generators: samples against their classes.

    The same judge and the same numbers, without those that need sources.
    """

    def _translations(
        self, evaluation: Evaluation, translator: Generator
    ) -> Translations:
        del evaluation  # Nothing is translated.
        dim_z = z_length(self._config.network)
        sample = sample_function(translator)
        return ClassSamples(sample, dim_z, self._options)
