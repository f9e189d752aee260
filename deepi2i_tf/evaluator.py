"""Measures the translators of a run: what `train` and `evaluate` share.

Training and evaluation do not know each other; this is where a live
translator of the one becomes a function of arrays for the other.
"""

import os
from typing import Any

import numpy as np
import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.data import find_configured
from deepi2i_tf.evaluation.protocol import Evaluation, EvaluationOptions
from deepi2i_tf.evaluation.translations import Translate
from deepi2i_tf.metrics import names
from deepi2i_tf.models import Translator
from deepi2i_tf.networks import z_length

JUDGE_FOLDER = "judge"


def translate_function(translator: Translator) -> Translate:
    """A translator as a function of NumPy arrays, compiled once.

    Args:
        translator: the live translator.

    Returns:
        (images float32 (batch, R, R, 3) in [-1, 1], z float32 (batch,
        dim_z), labels int32 (batch,)) -> images float32 like the first.
    """

    @tf.function(reduce_retracing=True)
    def call(images: tf.Tensor, z: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        translated = translator(images, z=z, labels=labels, training=False)
        return tf.cast(translated, tf.float32)

    def translate(
        images: np.ndarray, z: np.ndarray, labels: np.ndarray
    ) -> np.ndarray:
        tensors = map(tf.convert_to_tensor, (images, z, labels))
        return call(*tensors).numpy()

    return translate


class RunEvaluator:
    """Measures one run's translators on its data, every `evaluate_every`.

    The judge is trained, or read from where the runs live, when the first
    translator comes: a run that ends before owes nothing for it.

    Args:
        config: the run's configuration.
        options: what is measured.
    """

    def __init__(
        self, config: Config, options: EvaluationOptions | None = None
    ) -> None:
        self._config = config
        self._options = options or EvaluationOptions()
        self._evaluation: Evaluation | None = None

    def __call__(self, step: int, translator: Translator) -> dict[str, Any]:
        """Measures one translator.

        Args:
            step: training step of the translator.
            translator: the averaged translator.

        Returns:
            `metrics.json` without its protocol and its classes.
        """
        if self._evaluation is None:
            self._evaluation = self._make()
        scores, _ = self._evaluation.measure(
            translate_function(translator),
            z_length(self._config.network),
            {"step": step},
        )
        left_out = (names.PROTOCOL, names.PER_CLASS)
        return {k: v for k, v in scores.items() if k not in left_out}

    def _make(self) -> Evaluation:
        prepared = find_configured(
            self._config.data, self._config.network.resolution
        )
        runs = self._config.training.runs_dir
        judges = os.path.join(runs, JUDGE_FOLDER)
        return Evaluation(prepared, self._options, judges)
