"""The loop of a training run: the chief's, and that of the other workers.

Everything that a step depends on is in the checkpoint or follows from (seed,
step): weights, averages, optimizer slots and the step are stored; noise and
the order of the data are functions of seed and step. So a run that was killed
goes on with the very bits it would have had. What all workers decide by, sums
over all replicas and the flags, is the same on each after the same step.
"""

from collections.abc import Iterable, Iterator

import tensorflow as tf

from deepi2i_tf.config import ROLLBACK, STOP
from deepi2i_tf.data import (
    DATA_ERRORS,
    describe_data_error,
    training_batches,
    watch_shards,
)
from deepi2i_tf.models.stages import stage_at
from deepi2i_tf.networks import family_of
from deepi2i_tf.runs.best import BestCheckpoint
from deepi2i_tf.runs.checkpoints import (
    BEST,
    SCHEDULED,
    VOUCHED,
    Checkpoints,
)
from deepi2i_tf.runs.identity import weights_sha256
from deepi2i_tf.runs.layout import CHECKPOINTS_FOLDER, ROLLBACKS
from deepi2i_tf.training.callbacks import Evaluate, TrainingCallbacks, is_due
from deepi2i_tf.training.collapse_monitor import CollapseMonitor
from deepi2i_tf.training.distributed.agreement import broadcast_variables
from deepi2i_tf.training.rollback import (
    CollapseAlarm,
    Rollbacks,
    abandon,
    replace_values,
)
from deepi2i_tf.training.run_context import RunContext
from deepi2i_tf.training.signals import GracefulStop
from deepi2i_tf.training.timer import StepTimer
from deepi2i_tf.training.train_step import (
    NonFiniteError,
    StepFunction,
    distribute,
)
from deepi2i_tf.utils.atomic_files import explain_disk_errors
from deepi2i_tf.utils.errors import UserError

READY = "ready"
# In the place of a signal's name, and in `checkpoint.json`.
COLLAPSE = "a collapse"
MONITOR = "monitor"


class StepLoop:
    """Moves a model to its last step: what every worker does alike."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._training = context.config.training
        self._model = context.model
        self._coordinator = context.distribution.coordinator
        self._batches: Iterator | None = None
        self._stop = GracefulStop()

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
            with GracefulStop() as self._stop:
                return self._train(step, self._stop)
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
            start_step=step + self._model.skipped,
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
        watch = family_of(context.config.network).watch
        self._monitor = CollapseMonitor(context.data.class_names, watch)
        self._remedies = ", ".join(
            [*watch.remedies, "lower learning rates or another --seed"]
        )
        self._rollbacks = Rollbacks(context.config.monitor)
        self._returns = context.config.monitor.on_collapse == ROLLBACK
        self._timer: StepTimer | None = None
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
        while (end := self._train_or_go_back(step)) < self._training.steps:
            step = end
        self._finish(end)

    def _train_or_go_back(self, step: int) -> int:
        """Trains to the end, or to a collapse and back; the step it is at."""
        self._callbacks = TrainingCallbacks(
            self._context,
            self._timer,
            self._evaluate,
            self._best,
            self._monitor,
            step,
        )
        try:
            return self._step_until_end(step)
        except CollapseAlarm as alarm:
            found = alarm.step, alarm.sentence
        except NonFiniteError as error:
            if not self._returns:
                raise
            found = error.step, error.what
        finally:
            self._callbacks.close()
        self._go_back(*found)
        step = self._restore()
        super()._stop_for(self._stop.signal_name, step)
        return step

    def _go_back(self, step: int, reason: str) -> None:
        """Makes the newest vouched checkpoint the end of the run.

        Raises:
            UserError: there is none, or it was done often enough.
        """
        rollbacks, run = self._rollbacks, self._context.run.path
        target = rollbacks.target(step, self._monitor.quiet_step)
        number = 1 + len(rollbacks.decisions)
        most = self._context.config.monitor.max_rollbacks
        if target is None or number > most:
            tried = f"{most} rollbacks" if target else "no healthy checkpoint"
            raise UserError(
                "Expected a training that does not collapse. Received: at "
                f"step {step} of {self._training.steps}, {reason}, after "
                f"{tried}{self._best_sentence()}. Begin another run with "
                f"{self._remedies}."
            )
        rollbacks.decide(step, target, reason)
        aside = abandon(run, target, number)
        values = {
            "seconds": self._timer.seconds(),
            "stepping_seconds": self._timer.stepping_seconds(),
            ROLLBACKS: rollbacks.state(),
            VOUCHED: rollbacks.kept_steps,
        }
        with explain_disk_errors(run, "Nothing of the run is lost."):
            replace_values(run, target, values)
        halved = f", learning rates times {rollbacks.rate_factor:g}"
        self._context.log.say(
            f"Rollback {number} of {most}: at step {step}, {reason}; back to "
            f"the checkpoint of step {target}, on with other images and noise"
            f"{halved if number > 1 else ''}. What came after it is in {aside}."
        )

    def _begin_stage(self, step: int) -> None:
        self._timer.start_interval(step)

    def _restore(self) -> int:
        log = self._context.log
        self._checkpoints.remove_unfinished()
        meta, sentences = self._checkpoints.restore_newest()
        for sentence in sentences:
            log.say(sentence)
        self._best.restore((meta or {}).get(BEST))
        self._monitor.restore((meta or {}).get(MONITOR))
        self._rollbacks.restore((meta or {}).get(ROLLBACKS))
        self._model.skipped = self._rollbacks.skipped
        self._checkpoints.remove_old()
        if meta is None:
            self._timer = StepTimer(self._started)
            return 0
        if self._returns and ROLLBACKS not in meta:
            every = self._training.checkpoint_every
            stored = self._checkpoints.steps()
            self._rollbacks.adopt(s for s in stored if is_due(s, every))
        if self._rollbacks.decisions:
            self._model.scale_learning_rates(self._rollbacks.rate_factor)
        if self._timer is None:  # A rollback's goes on.
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
            self._react(step, stop)
        # Asked once: a signal between two questions must not go unsaved.
        signal_name = self._agreed_signal(function, stop)
        due = last or is_due(step, self._training.checkpoint_every)
        if due or signal_name or self._best.step == step:
            with self._timer.pause():
                function.require_finite()
                self._save(step, due)
        self._stop_for(signal_name, step)

    def _react(self, step: int, stop: GracefulStop) -> None:
        """Does about a collapse what was asked for."""
        sentence = self._monitor.collapse
        if sentence and self._returns:
            raise CollapseAlarm(step, sentence)
        if sentence and self._context.config.monitor.on_collapse == STOP:
            stop.request(COLLAPSE)

    def _stop_for(self, signal_name: str, step: int) -> None:
        if signal_name != COLLAPSE:
            super()._stop_for(signal_name, step)
        elif step < self._training.steps:
            raise UserError(
                "Expected a training that does not collapse. Received: at "
                f"step {step} of {self._training.steps}, "
                f"{self._monitor.collapse}. Its checkpoint is saved"
                f"{self._best_sentence()}; run the same command with "
                "--on_collapse=warn to go on all the same, or begin another "
                f"run with {self._remedies}."
            )

    def _best_sentence(self) -> str:
        if self._best.step is None:
            return ""
        return f", and the best one, of step {self._best.step}, is there"

    def _save(self, step: int, scheduled: bool) -> None:
        """Writes a checkpoint, then `best.json`, then removes old ones.

        So `best.json` names a whole checkpoint whenever the process ends.
        """
        if self._watch:
            self._watch.require_same()
        self._require_finite_weights(step, scheduled)
        vouched = {}
        if self._returns:
            if is_due(step, self._training.checkpoint_every):
                self._rollbacks.saved(step, self._monitor.quiet_step)
            vouched = {
                ROLLBACKS: self._rollbacks.state(),
                VOUCHED: self._rollbacks.kept_steps,
            }
        self._checkpoints.save(
            step,
            {
                "stage": self._model.stage.name,
                "seconds": self._timer.seconds(),
                "stepping_seconds": self._timer.stepping_seconds(),
                SCHEDULED: scheduled,
                BEST: self._best.record,
                MONITOR: self._monitor.state(),
                **vouched,
            },
        )
        self._best.write()
        self._checkpoints.remove_old()

    def _require_finite_weights(self, step: int, scheduled: bool) -> None:
        bad = first_non_finite(self._model.named_weights())
        if bad is not None:
            what = f"{bad} holds NaN or infinity"
            message = (
                f"Expected finite weights. Received: {what} after step {step}. "
                "Nothing of it was saved; lower the learning rates or use "
                "another --seed."
            )
            # Where a signal saves, an undisturbed run would not have looked.
            if scheduled:
                raise NonFiniteError(message, step, what)
            raise UserError(message)

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
            self._context.config.monitor.monitor_every,
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
