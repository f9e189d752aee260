"""What a run shows while it trains: rows, sheets of samples, evaluations."""

from collections.abc import Callable, Mapping
from typing import Any

from deepi2i_tf.metrics.names import flat_numbers
from deepi2i_tf.runs import layout
from deepi2i_tf.runs.best import BestCheckpoint
from deepi2i_tf.runs.console_log import progress_text
from deepi2i_tf.runs.metrics_log import MetricsLog
from deepi2i_tf.training.collapse_monitor import CollapseMonitor
from deepi2i_tf.training.probe import Probe, make_probe
from deepi2i_tf.training.run_context import RunContext
from deepi2i_tf.training.sample_sheets import make_sheets
from deepi2i_tf.training.timer import StepTimer

Evaluate = Callable[[int, object], Mapping[str, Any]]


class TrainingCallbacks:
    """Writes what is due after a step.

    Args:
        context: the run; the averages of its model are shown.
        timer: time that is spent here does not count as stepping.
        evaluate: `evaluate(step, averaged networks) -> numbers`, or None.
        best: compares each evaluation.
        monitor: sees every row, probe and evaluation.
        step: the step that was restored; at 0, real images and first fakes
            are drawn.
    """

    def __init__(
        self,
        context: RunContext,
        timer: StepTimer,
        evaluate: Evaluate | None,
        best: BestCheckpoint,
        monitor: CollapseMonitor,
        step: int,
    ) -> None:
        self._context = context
        self._training = training = context.config.training
        self._model = context.model
        self._log = context.log
        self._timer = timer
        self._evaluate = evaluate
        self._best = best
        self._monitor = monitor
        self._probe: Probe | None = None
        self._metrics = MetricsLog(context.run.path, step)
        self._sheets = None
        if training.sample_every:
            folder = context.run.path / layout.SAMPLES_FOLDER
            self._sheets = make_sheets(folder, context.data, context.config)
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
                self._context.config.monitor.monitor_every,
            )
        )

    def on_step_end(self, step: int, losses: Mapping[str, float]) -> None:
        """Writes what is due after so many finished steps."""
        training = self._training
        row = step == training.steps or is_due(step, training.log_every)
        pace = self._timer.end_interval(step) if row else 0.0
        with self._timer.pause():
            if is_due(step, self._context.config.monitor.monitor_every):
                self._write_probe(step)
            if row:
                self._write_row(step, pace, losses)
            if is_due(step, training.sample_every):
                self._write_samples(step)
            if is_due(step, training.evaluate_every) and self._evaluate:
                self._write_evaluation(step)
            self._tell_findings(step)

    def close(self) -> None:
        """Writes out what is still held."""
        self._metrics.close()

    def _write_row(
        self, step: int, pace: float, losses: Mapping[str, float]
    ) -> None:
        images = self._training.images_per_step
        sigmas = {
            name: float(sigma.numpy())
            for name, sigma in self._model.sigmas().items()
        }
        watched = self._monitor.see_row(step, losses, sigmas)
        state = (
            layout.STATE_NAMES[self._monitor.worst]
            if self._monitor.worst
            else ""
        )
        steps = self._training.steps
        self._log.progress(
            progress_text(step, steps, pace, images, losses, state)
        )
        rates = {
            layout.LEARNING_RATE + network: rate
            for network, rate in self._model.learning_rates().items()
            if network in self._model.stage.trainable
        }
        speed = {
            layout.STEPS_PER_SECOND: pace,
            layout.IMAGES_PER_SECOND: pace * images,
        }
        sigmas = {layout.SIGMA + name: each for name, each in sigmas.items()}
        numbers = {**losses, **speed, **rates, **watched, **sigmas}
        self._metrics.write(step, numbers)

    def _write_probe(self, step: int) -> None:
        if self._probe is None:
            self._probe = make_probe(self._context)
        signals = self._probe(*self._monitor.usual_scores())
        self._monitor.see_probe(step, signals)
        numbers = {layout.MONITOR + name: n for name, n in signals.items()}
        self._metrics.write(step, numbers)

    def _tell_findings(self, step: int) -> None:
        for finding in self._monitor.sentences(step):
            name = layout.STATE_NAMES[finding.state].capitalize()
            self._log.say(f"{name} at step {step}: {finding.sentence}.")

    def _write_samples(self, step: int) -> None:
        path, image = self._sheets.draw(self._model.averaged, step)
        self._metrics.write_image(step, layout.SAMPLES_TAG, image)
        self._log.say(f"Samples: {path}")

    def _write_evaluation(self, step: int) -> None:
        results = self._evaluate(step, self._model.averaged)
        self._metrics.write(step, flat_numbers(results, layout.EVALUATION))
        message = evaluation_text(results)
        self._monitor.see_evaluation(flat_numbers(results))
        verdict = self._best.update(step, results)
        self._log.say(f"Evaluation at step {step}: {message}{verdict}.")


def evaluation_text(results: Mapping[str, Any]) -> str:
    """The numbers of an evaluation for a sentence; a row has them all."""
    return ", ".join(
        f"{name} {value:.4g}"
        for name, value in flat_numbers(results).items()
        if "/" not in name
    )


def is_due(step: int, every: int) -> bool:
    """Whether a step is a multiple of `every`; of 0, none is."""
    return every > 0 and step % every == 0
