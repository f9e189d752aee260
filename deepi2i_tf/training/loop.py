"""The loop of a training run: the chief's, and that of the other workers.

Everything that a step depends on is in the checkpoint or follows from (seed,
step): weights, averages, optimizer slots and the step are stored; noise and
the order of the data are functions of seed and step. So a run that was killed
goes on with the very bits it would have had. What all workers decide by, sums
over all replicas and the flags, is the same on each after the same step.
"""

from collections.abc import Iterable, Iterator

import tensorflow as tf

from deepi2i_tf.data import (
    DATA_ERRORS,
    describe_data_error,
    training_batches,
    watch_shards,
)
from deepi2i_tf.models.stages import stage_at
from deepi2i_tf.runs.best import BestCheckpoint
from deepi2i_tf.runs.checkpoints import BEST, SCHEDULED, Checkpoints
from deepi2i_tf.runs.identity import weights_sha256
from deepi2i_tf.runs.layout import CHECKPOINTS_FOLDER
from deepi2i_tf.training.callbacks import Evaluate, TrainingCallbacks, is_due
from deepi2i_tf.training.distributed.agreement import broadcast_variables
from deepi2i_tf.training.run_context import RunContext
from deepi2i_tf.training.signals import GracefulStop
from deepi2i_tf.training.timer import StepTimer
from deepi2i_tf.training.train_step import StepFunction, distribute
from deepi2i_tf.utils.errors import UserError

READY = "ready"


class StepLoop:
    """Moves a model to its last step: what every worker does alike."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._training = context.config.training
        self._model = context.model
        self._coordinator = context.distribution.coordinator
        self._batches: Iterator | None = None

    def _begin_stage(self, step: int) -> None:
        """The first step of a stage is about to be made."""

    def _after_step(
        self, step: int, function: StepFunction, stop: GracefulStop
    ) -> None:
        """What is due after a step; ends the run where it is to stop."""
        raise NotImplementedError

    def _broadcast(self) -> None:
        """Gives every worker what the chief has restored."""
        broadcast_variables(
            self._context.distribution, self._model.checkpoint_items()
        )

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
        training, distribution = self._training, self._context.distribution
        self._batches = self._batches_from(step)
        while step < training.steps:
            stage = stage_at(self._context.config, step)
            self._model.stage = stage
            function = StepFunction(
                self._model, distribution.strategy, distribution.jit_compile
            )
            self._context.log.say(
                f"Stage {stage.name}: {', '.join(stage.trainable)} train."
            )
            self._begin_stage(step)
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
        if self._coordinator.size == 1:
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
        context, training = self._context, self._training
        batches = training_batches(
            context.data,
            context.config.data,
            training.images_per_step,
            training.seed,
            start_step=step,
            sides=self._model.sides,
        )
        micro = training.num_accumulations * training.discriminator_steps
        return iter(distribute(batches, context.distribution.strategy, micro))

    def _next(self) -> object:
        try:
            return next(self._batches)
        except DATA_ERRORS as error:
            raise describe_data_error(error, self._context.data) from error


class TrainingLoop(StepLoop):
    """The chief's loop: restores, steps, and writes the run directory.

    Args:
        context: the run; its directory is locked.
        evaluate: `evaluate(step, averaged networks) -> numbers`, called
            every `evaluate_every` steps; None evaluates nothing.
        started: `time.monotonic()` when the command began.
    """

    def __init__(
        self, context: RunContext, evaluate: Evaluate | None, started: float
    ) -> None:
        super().__init__(context)
        self._evaluate = evaluate
        self._started = started
        self._watch = watch_shards(context.data, context.config.data)
        self._best = BestCheckpoint(
            context.run.path, self._training.best_metric, context.log
        )
        self._checkpoints = Checkpoints(
            context.run.path / CHECKPOINTS_FOLDER,
            self._model.checkpoint_items(),
            self._training.keep_checkpoints,
        )

    def run(self) -> None:
        """Restores, trains, writes the last checkpoint and `DONE.json`.

        Raises:
            UserError: for everything that a user can mend, and after a signal.
        """
        step = self._restore()
        self._coordinator.put(READY)
        self._broadcast()
        self._callbacks = TrainingCallbacks(
            self._context, self._timer, self._evaluate, self._best, step
        )
        try:
            step = self._step_until_end(step)
        finally:
            self._callbacks.close()
        self._finish(step)

    def _begin_stage(self, step: int) -> None:
        self._timer.start_interval(step)

    def _restore(self) -> int:
        log = self._context.log
        self._checkpoints.remove_unfinished()
        meta, sentences = self._checkpoints.restore_newest()
        for sentence in sentences:
            log.say(sentence)
        self._best.restore(meta[BEST] if meta and BEST in meta else None)
        self._checkpoints.remove_old()
        if meta is None:
            self._timer = StepTimer(self._started)
            return 0
        self._timer = StepTimer(
            self._started, meta["seconds"], meta["stepping_seconds"]
        )
        log.say(f"Going on from the checkpoint of step {meta['step']}.")
        return meta["step"]

    def _after_step(
        self, step: int, function: StepFunction, stop: GracefulStop
    ) -> None:
        """Writes what is due: rows and sheets first, the checkpoint last.

        A checkpoint of step k thus says that all rows until k are written,
        and that the evaluation of step k, if there was one, was compared. A new
        best has its checkpoint at once, due or not.
        """
        last = step == self._training.steps
        if self._callbacks.is_due(step):
            function.require_finite()
            self._callbacks.on_step_end(step, function.logs())
        # Asked once: a signal between two questions must not go unsaved.
        signal_name = self._agreed_signal(function, stop)
        due = last or is_due(step, self._training.checkpoint_every)
        if due or signal_name or self._best.step == step:
            with self._timer.pause():
                function.require_finite()
                self._save(step, due)
        self._stop_for(signal_name, step)

    def _save(self, step: int, scheduled: bool) -> None:
        """Writes a checkpoint, then `best.json`, then removes old ones.

        So `best.json` names a whole checkpoint whenever the process ends.
        """
        if self._watch:
            self._watch.require_same()
        bad = first_non_finite(self._model.named_weights())
        if bad:
            raise UserError(
                f"Expected finite weights. Received: {bad} holds NaN or "
                f"infinity after step {step}. Nothing of it was saved; lower "
                "the learning rates or use another --seed."
            )
        self._checkpoints.save(
            step,
            {
                "stage": self._model.stage.name,
                "seconds": self._timer.seconds(),
                "stepping_seconds": self._timer.stepping_seconds(),
                SCHEDULED: scheduled,
                BEST: self._best.record,
            },
        )
        self._best.write()
        self._checkpoints.remove_old()

    def _finish(self, step: int) -> None:
        run = self._context.run
        stepping = max(self._timer.stepping_seconds(), 1e-9)
        run.finish(
            {
                "step": step,
                "weights_sha256": weights_sha256(self._model.named_weights()),
                "seconds": round(self._timer.seconds(), 3),
                "steps_per_second": round(step / stepping, 4),
            }
        )
        self._context.log.say(f"Done: {step} steps in {run.path}")


class WorkerLoop(StepLoop):
    """The loop of a worker that is not the chief: it steps, writes nothing."""

    def run(self) -> None:
        """Takes over what the chief restored, and trains to the end.

        Raises:
            UserError: see `TrainingLoop.run`.
        """
        self._coordinator.get(READY)
        self._broadcast()
        self._step_until_end(int(self._model.step.numpy()))

    def _after_step(
        self, step: int, function: StepFunction, stop: GracefulStop
    ) -> None:
        """Refuses bad losses where the chief does, not to leave it alone."""
        training = self._training
        every = (
            training.log_every,
            training.sample_every,
            training.evaluate_every,
            training.checkpoint_every,
        )
        signal_name = self._agreed_signal(function, stop)
        last = step == training.steps
        if last or signal_name or any(is_due(step, each) for each in every):
            function.require_finite()
        self._stop_for(signal_name, step)


def first_non_finite(named_weights: Iterable[tuple[str, object]]) -> str | None:
    """The first (name, variable) that holds NaN or infinity, by its name."""
    for name, variable in named_weights:
        value = tf.convert_to_tensor(variable)
        if value.dtype.is_floating and not bool(
            tf.reduce_all(tf.math.is_finite(value))
        ):
            return name
    return None
