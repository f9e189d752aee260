"""The loop of a worker that follows: it steps, and writes nothing.

The leader's loop is `loop.py`. What both decide by is the same after the same
step: sums over all replicas, and the flags.
"""

from deepi2i_tf.training.callbacks import is_due
from deepi2i_tf.training.distributed.broadcast import broadcast_variables
from deepi2i_tf.training.signals import GracefulStop
from deepi2i_tf.training.step_loop import StepLoop
from deepi2i_tf.training.train_step import StepFunction

READY = "ready"


class WorkerLoop(StepLoop):
    """Moves its replicas along with the leader's; see `StepLoop`."""

    def run(self) -> None:
        """Takes over what the leader restored, and trains to the end.

        Raises:
            UserError: see `TrainingLoop.run`.
        """
        self._placement.peers.hear(READY)
        broadcast_variables(self._placement, self._model.checkpoint_items())
        self._step_until_end(int(self._model.step.numpy()))

    def _after_step(
        self, step: int, function: StepFunction, stop: GracefulStop
    ) -> None:
        """Refuses bad losses where the leader does, not to leave it alone."""
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
