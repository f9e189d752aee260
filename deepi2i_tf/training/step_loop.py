"""From step to step: what every worker of a run does alike.

Everything that a step depends on is in the checkpoint or follows from (seed,
step): weights, averages, optimizer slots and the step are stored; noise and
the order of the data are functions of seed and step. So a run that was killed
goes on with the very bits it would have had.
"""

from collections.abc import Iterator

from deepi2i_tf.config import Config
from deepi2i_tf.data import (
    DATA_ERRORS,
    PreparedData,
    describe_data_error,
    training_batches,
)
from deepi2i_tf.models import AdversarialModel
from deepi2i_tf.models.stages import stage_at
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.training.distributed.strategy import DistributionContext
from deepi2i_tf.training.signals import GracefulStop
from deepi2i_tf.training.train_step import StepFunction, distribute
from deepi2i_tf.utils.errors import UserError


class StepLoop:
    """Moves a model to its last step.

    Args:
        config: the run, `num_classes` filled in.
        model: built under the placement's strategy.
        placement: where steps run.
        prepared: the data set.
        log: where sentences go.
    """

    def __init__(
        self,
        config: Config,
        model: AdversarialModel,
        placement: DistributionContext,
        prepared: PreparedData,
        log: RunLog,
    ) -> None:
        self._config = config
        self._training = config.training
        self._model = model
        self._placement = placement
        self._prepared = prepared
        self._log = log
        self._batches: Iterator | None = None

    def _begin_lap(self, step: int) -> None:
        """The first step of a stage is about to be made."""

    def _after_step(
        self, step: int, function: StepFunction, stop: GracefulStop
    ) -> None:
        """What is due after a step; ends the run where it is to stop."""
        raise NotImplementedError

    def _step_until_end(self, step: int) -> int:
        """Makes all steps after `step`, unless a signal comes."""
        try:
            with GracefulStop() as stop:
                return self._train(step, stop)
        finally:
            # An error's traceback may keep frames alive until the interpreter
            # ends, too late for TensorFlow to end an iterator's threads: so no
            # frame owns one, and it ends here.
            self._batches = None

    def _train(self, step: int, stop: GracefulStop) -> int:
        training = self._training
        self._batches = self._batches_from(step)
        while step < training.steps:
            stage = stage_at(self._config, step)
            self._model.stage = stage
            function = StepFunction(
                self._model,
                self._placement.strategy,
                self._placement.jit_compile,
            )
            self._log.say(
                f"Stage {stage.name}: {', '.join(stage.trainable)} train."
            )
            self._begin_lap(step)
            end = min(training.steps, stage.ends_at or training.steps)
            while step < end:
                function(self._next(), bool(stop.signal_name))
                step += 1
                self._after_step(step, function, stop)
            function.require_finite()
        return step

    def _agreed_signal(self, function: StepFunction, stop: GracefulStop) -> str:
        """The signal that all workers stop for after this step, if any.

        Alone, a signal counts until this moment, and nothing waits for the
        device; among others, only what was told within the step counts.
        """
        if self._placement.peers.size == 1:
            return stop.signal_name
        if not function.anyone_stops():
            return ""
        return stop.signal_name or "a signal to another worker"

    def _stop_for(self, signal_name: str, step: int) -> None:
        """Ends a run whose checkpoint of this step is saved."""
        steps = self._training.steps
        if signal_name and step < steps:
            raise UserError(
                f"Stopped by {signal_name} at step {step} of {steps}; its "
                "checkpoint is saved. Run the same command again to go on."
            )

    def _batches_from(self, step: int) -> Iterator:
        training = self._training
        batches = training_batches(
            self._prepared,
            self._config.data,
            training.images_per_step,
            training.seed,
            start_step=step,
            sides=self._model.sides,
        )
        micro = training.num_accumulations * training.discriminator_steps
        return iter(distribute(batches, self._placement.strategy, micro))

    def _next(self) -> object:
        try:
            return next(self._batches)
        except DATA_ERRORS as error:
            raise describe_data_error(error, self._prepared) from error
