"""The loop of one training run, from its first to its last step."""

from collections.abc import Iterable

import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.data import PreparedData, watch_shards
from deepi2i_tf.models import AdversarialModel
from deepi2i_tf.runs.best import BestCheckpoint
from deepi2i_tf.runs.checkpoints import BEST, SCHEDULED, Checkpoints
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.runs.identity import weights_sha256
from deepi2i_tf.runs.layout import CHECKPOINTS_FOLDER
from deepi2i_tf.runs.run_dir import RunDir
from deepi2i_tf.training.callbacks import Evaluate, Reporter, is_due
from deepi2i_tf.training.distributed.broadcast import broadcast_variables
from deepi2i_tf.training.distributed.strategy import DistributionContext
from deepi2i_tf.training.follower import READY
from deepi2i_tf.training.signals import GracefulStop
from deepi2i_tf.training.step_loop import StepLoop
from deepi2i_tf.training.timer import StepTimer
from deepi2i_tf.training.train_step import StepFunction
from deepi2i_tf.utils.errors import UserError


class TrainingLoop(StepLoop):
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
        placement: DistributionContext,
        prepared: PreparedData,
        run: RunDir,
        log: RunLog,
        evaluate: Evaluate | None,
        started: float,
    ) -> None:
        super().__init__(config, model, placement, prepared, log)
        self._run = run
        self._evaluate = evaluate
        self._started = started
        self._watch = watch_shards(prepared, config.data)
        self._best = BestCheckpoint(run.path, self._training.best_metric, log)
        self._checkpoints = Checkpoints(
            run.path / CHECKPOINTS_FOLDER,
            model.checkpoint_items(),
            self._training.keep_checkpoints,
        )

    def run(self) -> None:
        """Restores, trains, writes the last checkpoint and `DONE.json`.

        Raises:
            UserError: for everything that a user can mend, and after a signal.
        """
        step = self._restore()
        self._placement.peers.tell(READY)
        broadcast_variables(self._placement, self._model.checkpoint_items())
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
            step = self._step_until_end(step)
        finally:
            self._reporter.close()
        self._finish(step)

    def _begin_lap(self, step: int) -> None:
        self._clock.start_lap(step)

    def _restore(self) -> int:
        self._checkpoints.remove_unfinished()
        meta, sentences = self._checkpoints.restore_newest()
        for sentence in sentences:
            self._log.say(sentence)
        self._best.restore(meta[BEST] if meta and BEST in meta else None)
        self._checkpoints.remove_old()
        if meta is None:
            self._clock = StepTimer(self._started)
            return 0
        self._clock = StepTimer(
            self._started, meta["seconds"], meta["stepping_seconds"]
        )
        self._log.say(f"Going on from the checkpoint of step {meta['step']}.")
        return meta["step"]

    def _after_step(
        self, step: int, function: StepFunction, stop: GracefulStop
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
        signal_name = self._agreed_signal(function, stop)
        due = last or is_due(step, self._training.checkpoint_every)
        if due or signal_name or self._best.step == step:
            with self._clock.pause():
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


def first_non_finite(named_weights: Iterable[tuple[str, object]]) -> str | None:
    """The name of a weight that holds NaN or infinity, or None.

    Args:
        named_weights: pairs (name, variable) of floating variables.

    Returns:
        The first such name, in the order given.
    """
    for name, variable in named_weights:
        value = tf.convert_to_tensor(variable)
        if value.dtype.is_floating and not bool(
            tf.reduce_all(tf.math.is_finite(value))
        ):
            return name
    return None
