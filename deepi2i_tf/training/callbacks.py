"""What a run shows while it trains: rows, sheets of samples, evaluations."""

from collections.abc import Callable, Mapping
from typing import Any

from deepi2i_tf.models.stages import PRETRAIN
from deepi2i_tf.runs import layout
from deepi2i_tf.runs.best import BestCheckpoint
from deepi2i_tf.runs.console_log import progress_text
from deepi2i_tf.runs.metrics_log import MetricsLog, flat_numbers
from deepi2i_tf.training.run_context import RunContext
from deepi2i_tf.training.sample_sheets import ClassSheets, TranslationSheets
from deepi2i_tf.training.timer import StepTimer

Evaluate = Callable[[int, object], Mapping[str, Any]]


class TrainingCallbacks:
    """Writes what is due after a step.

    Args:
        context: the run; the averages of its model are shown.
        timer: time that is spent here does not count as stepping.
        evaluate: `evaluate(step, averaged networks) -> numbers`, or None.
        best: compares each evaluation.
        step: the step that was restored; at 0, real images and first fakes
            are drawn.
    """

    def __init__(
        self,
        context: RunContext,
        timer: StepTimer,
        evaluate: Evaluate | None,
        best: BestCheckpoint,
        step: int,
    ) -> None:
        self._config = config = context.config
        self._training = config.training
        self._model = context.model
        self._log = context.log
        self._timer = timer
        self._evaluate = evaluate
        self._best = best
        self._metrics = MetricsLog(context.run.path, step)
        self._sheets = None
        if self._training.sample_every:
            pretrains = self._training.stage == PRETRAIN
            sheets = ClassSheets if pretrains else TranslationSheets
            folder = context.run.path / layout.SAMPLES_FOLDER
            self._sheets = sheets(folder, context.data, config)
            if step == 0:
                self._log.say(f"Real images: {self._sheets.draw_real()}")
                self._write_samples(step)

    def is_due(self, step: int) -> bool:
        """Whether `on_step_end` would write anything after this step."""
        training = self._training
        return step == training.steps or any(
            is_due(step, every)
            for every in (
                training.log_every,
                training.sample_every,
                training.evaluate_every,
            )
        )

    def on_step_end(self, step: int, losses: Mapping[str, float]) -> None:
        """Writes what is due after so many finished steps."""
        training = self._training
        if step == training.steps or is_due(step, training.log_every):
            pace = self._timer.end_interval(step)
            with self._timer.pause():
                self._write_row(step, pace, losses)
        with self._timer.pause():
            if is_due(step, training.sample_every):
                self._write_samples(step)
            if is_due(step, training.evaluate_every) and self._evaluate:
                self._write_evaluation(step)

    def close(self) -> None:
        """Writes out what is still held."""
        self._metrics.close()

    def _write_row(
        self, step: int, pace: float, losses: Mapping[str, float]
    ) -> None:
        images = self._training.images_per_step
        self._log.progress(
            progress_text(step, self._training.steps, pace, images, losses)
        )
        optimizer = self._config.optimizer
        rates = {
            layout.LEARNING_RATE + network: getattr(optimizer, f"{network}_lr")
            for network in self._model.stage.trainable
        }
        sigmas = {
            layout.SIGMA + name: float(sigma.numpy())
            for name, sigma in self._model.sigmas().items()
        }
        speed = {
            layout.STEPS_PER_SECOND: pace,
            layout.IMAGES_PER_SECOND: pace * images,
        }
        self._metrics.write(step, {**losses, **speed, **rates, **sigmas})

    def _write_samples(self, step: int) -> None:
        path, image = self._sheets.draw(self._model.averaged, step)
        self._metrics.write_image(step, layout.SAMPLES_TAG, image)
        self._log.say(f"Samples: {path}")

    def _write_evaluation(self, step: int) -> None:
        results = self._evaluate(step, self._model.averaged)
        self._metrics.write(step, flat_numbers(results, layout.EVALUATION))
        message = ", ".join(
            f"{name} {value:.4g}"
            for name, value in flat_numbers(results).items()
            if "/" not in name  # a sentence; the row has them all
        )
        verdict = self._best.update(step, results)
        self._log.say(f"Evaluation at step {step}: {message}{verdict}.")


def is_due(step: int, every: int) -> bool:
    """Whether a step is a multiple of `every`; of 0, none is."""
    return every > 0 and step % every == 0
