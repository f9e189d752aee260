"""The loop of one training run, from its first to its last step.

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
    watch_shards,
)
from deepi2i_tf.errors import Refusal
from deepi2i_tf.models import AdversarialModel
from deepi2i_tf.models.stages import stage_at
from deepi2i_tf.training.best_checkpoint import BestCheckpoint
from deepi2i_tf.training.checkpoints import Checkpoints
from deepi2i_tf.training.clock import Clock
from deepi2i_tf.training.interrupts import StopRequest
from deepi2i_tf.training.reporter import Evaluate, Reporter, is_due
from deepi2i_tf.training.retention import BEST, SCHEDULED
from deepi2i_tf.training.run_dir import CHECKPOINTS, RunDir
from deepi2i_tf.training.run_log import RunLog
from deepi2i_tf.training.steps import StepFunction, distribute
from deepi2i_tf.training.strategy import Placement
from deepi2i_tf.training.weights import first_non_finite, weights_sha256


class TrainingLoop:
    """Moves a model to its last step and writes down what happens.

    Args:
        config: the run, `num_classes` filled in.
        model: built under `strategy`.
        placement: where steps run; the model was built in its scope.
        prepared: the data set.
        run: the locked run directory.
        log: where sentences go.
        evaluate: `evaluate(step, averaged networks) -> numbers`, called
            every `evaluate_every` steps; None evaluates nothing.
        started: `time.monotonic()` when the command began.
    """

    def __init__(
        self,
        config: Config,
        model: AdversarialModel,
        placement: Placement,
        prepared: PreparedData,
        run: RunDir,
        log: RunLog,
        evaluate: Evaluate | None,
        started: float,
    ) -> None:
        self._config = config
        self._training = config.training
        self._model = model
        self._placement = placement
        self._prepared = prepared
        self._run = run
        self._log = log
        self._evaluate = evaluate
        self._started = started
        self._batches: Iterator | None = None
        self._best = BestCheckpoint(run.path, self._training.best_metric, log)
        self._checkpoints = Checkpoints(
            run.path / CHECKPOINTS,
            model.checkpoint_items(),
            self._training.keep_checkpoints,
        )

    def run(self) -> None:
        """Restores, trains, writes the last checkpoint and `DONE.json`.

        Raises:
            Refusal: for everything that a user can mend, and after a signal.
        """
        step = self._restore()
        self._reporter = Reporter(
            self._config,
            self._model,
            self._prepared,
            self._run,
            self._log,
            self._clock,
            self._evaluate,
            self._best,
            step,
        )
        try:
            with StopRequest() as stop:
                step = self._train(step, stop)
        finally:
            # An error's traceback may keep frames alive until the interpreter
            # ends, too late for TensorFlow to end an iterator's threads: so no
            # frame owns one, and it ends here.
            self._batches = None
            self._reporter.close()
        self._finish(step)

    def _restore(self) -> int:
        self._checkpoints.remove_unfinished()
        meta, sentences = self._checkpoints.restore_newest()
        for sentence in sentences:
            self._log.say(sentence)
        self._best.restore(meta[BEST] if meta and BEST in meta else None)
        self._checkpoints.remove_old()
        if meta is None:
            self._clock = Clock(self._started)
            return 0
        self._clock = Clock(
            self._started, meta["seconds"], meta["stepping_seconds"]
        )
        self._log.say(f"Going on from the checkpoint of step {meta['step']}.")
        return meta["step"]

    def _train(self, step: int, stop: StopRequest) -> int:
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
            self._clock.start_lap(step)
            end = min(training.steps, stage.ends_at or training.steps)
            while step < end:
                function(self._next())
                step += 1
                self._after_step(step, function, stop)
            function.require_finite()
        return step

    def _batches_from(self, step: int) -> Iterator:
        training = self._training
        self._watch = watch_shards(self._prepared, self._config.data)
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

    def _after_step(
        self, step: int, function: StepFunction, stop: StopRequest
    ) -> None:
        """Writes what is due: rows and sheets first, the checkpoint last.

        A checkpoint of step k thus says that all rows until k are written,
        and that the evaluation of step k, if there was one, was judged. A new
        best has its checkpoint at once, due or not.
        """
        last = step == self._training.steps
        if self._reporter.is_due(step):
            function.require_finite()
            self._reporter.write(step, function.logs())
        # Asked once: a signal between two questions must not go unsaved.
        signal_name = stop.signal_name
        due = last or is_due(step, self._training.checkpoint_every)
        if due or signal_name or self._best.step == step:
            with self._clock.pause():
                function.require_finite()
                self._save(step, due)
        if signal_name and not last:
            raise Refusal(
                f"Stopped by {signal_name} at step {step} of "
                f"{self._training.steps}; its checkpoint is saved. Run the "
                "same command again to go on."
            )

    def _save(self, step: int, scheduled: bool) -> None:
        """Writes a checkpoint, then `best.json`, then removes old ones.

        So `best.json` names a whole checkpoint whenever the process ends.
        """
        if self._watch:
            self._watch.require_same()
        bad = first_non_finite(self._model.named_weights())
        if bad:
            raise Refusal(
                f"Expected finite weights. Received: {bad} holds NaN or "
                f"infinity after step {step}. Nothing of it was saved; lower "
                "the learning rates or use another --seed."
            )
        self._checkpoints.save(
            step,
            {
                "stage": self._model.stage.name,
                "seconds": self._clock.seconds(),
                "stepping_seconds": self._clock.stepping_seconds(),
                SCHEDULED: scheduled,
                BEST: self._best.record,
            },
        )
        self._best.write()
        self._checkpoints.remove_old()

    def _finish(self, step: int) -> None:
        stepping = max(self._clock.stepping_seconds(), 1e-9)
        self._run.finish(
            {
                "step": step,
                "weights_sha256": weights_sha256(self._model.named_weights()),
                "seconds": round(self._clock.seconds(), 3),
                "steps_per_second": round(step / stepping, 4),
            }
        )
        self._log.say(f"Done: {step} steps in {self._run.path}")
