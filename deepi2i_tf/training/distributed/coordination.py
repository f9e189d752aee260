"""The workers of a cluster: how they meet, and what they tell each other.

Within steps they share sums; between steps, words, which go through the
store of TensorFlow's coordination service that the leader hosts. A worker
that is killed is noticed by that service within seconds, and whatever the
others were waiting for ends with an error.
"""

import contextlib
import dataclasses
import signal
import sys
import time
from collections.abc import Iterator

import tensorflow as tf

# The store has no public name; `PreemptionCheckpointHandler` uses this one.
from tensorflow.python.eager import context

from deepi2i_tf.training.distributed.tf_config import Cluster
from deepi2i_tf.utils.errors import UserError

JOIN_SECONDS = 600
# Those who are done all come, but on a busy machine the threads of a pipeline
# were seen to take half a minute to end; those who hear of a refusal may be
# stuck in a step, and end when the leader does.
_PARTING_SECONDS = 300.0
_FAREWELL_SECONDS = 10.0
_POLL_MILLISECONDS = 500
_REFUSED = "refused"
_LEFT = "left"
# What a step or a word fails with when a worker is gone.
_LOSSES = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
)


@dataclasses.dataclass(frozen=True)
class Coordinator:
    """One worker's line to the others; alone it has nothing to say.

    Args:
        index: this worker's place.
        size: number of workers.
    """

    index: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this worker writes the run directory."""
        return self.index == 0

    def tell(self, name: str, text: str = "") -> None:
        """Says something that the others may hear; the first word counts."""
        if self.size > 1:
            _put(f"{name}/{self.index}", text)

    def hear(self, name: str, index: int = 0) -> str:
        """Waits for what a worker tells, for as long as all are there.

        Args:
            name: of what is told.
            index: whose word.

        Returns:
            The text.

        Raises:
            UserError: another worker was refused.
        """
        while (text := _get(f"{name}/{index}")) is None:
            refused = _get(_REFUSED)
            if refused is not None:
                raise UserError(refused)
        return text

    def hear_all(self, name: str) -> None:
        """The leader waits for a word of everyone else."""
        for index in range(1, self.size):
            self.hear(name, index)

    def part(self) -> None:
        """All go home together: nobody is missed who was done."""
        if self.leads:
            self.tell("done")
        else:
            self.hear("done")
        self._leave(_PARTING_SECONDS)

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """A refusal of one within the block is a refusal of all.

        Raises:
            UserError: this worker's own, another's, or for one that is gone.
        """
        try:
            yield
        except UserError as refusal:
            if self.size > 1:
                _put(_REFUSED, f"Worker {self.index} was refused: {refusal}")
                self._leave(_FAREWELL_SECONDS)
            raise
        except _LOSSES as error:
            if self.size == 1:
                raise
            raise self._loss(error) from error

    def _leave(self, seconds: float) -> None:
        """The leader, without whom nobody hears a word, leaves last."""
        if not self.leads:
            # The leader may be gone before it has acknowledged the word.
            with contextlib.suppress(*_LOSSES):
                self.tell(_LEFT)
            return
        deadline = time.monotonic() + seconds
        for index in range(1, self.size):
            while _get(f"{_LEFT}/{index}") is None:
                if time.monotonic() > deadline:
                    return

    def _loss(self, error: tf.errors.OpError) -> UserError:
        with contextlib.suppress(*_LOSSES):
            refused = _get(_REFUSED)
            if refused is not None:
                return UserError(refused)
        return UserError(
            f"Expected all {self.size} workers to go on. Received: "
            f"{_last_sentence(error)}. Start the same command again on every "
            "worker: the run goes on from its last checkpoint."
        )


def join(cluster: Cluster) -> tf.distribute.Strategy:
    """Waits for all workers of a cluster and makes their strategy.

    Each worker brings all its GPUs, or one CPU. TensorFlow waits without end
    and out of reach of Python, so an alarm ends the process in the end, and
    Ctrl-C does at once.

    Args:
        cluster: the cluster.

    Returns:
        A `tf.distribute.MultiWorkerMirroredStrategy`.

    Raises:
        UserError: the cluster cannot be joined.
    """
    names = ", ".join(cluster.addresses)
    print(
        f"Worker {cluster.index} of {cluster.size} waits at most "
        f"{JOIN_SECONDS} s for the others of {names}.",
        file=sys.stderr,
        flush=True,
    )
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.alarm(JOIN_SECONDS)
    try:
        return tf.distribute.MultiWorkerMirroredStrategy(
            communication_options=_communication()
        )
    except tf.errors.OpError as error:
        raise UserError(
            f"Expected to join the workers {names}. Received: "
            f"{_last_sentence(error)}. Start the same command on every worker, "
            "each with its own index and a free port."
        ) from error
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGINT, before)
        # TensorFlow listens to this one, and does nothing that is of use here.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _communication() -> tf.distribute.experimental.CommunicationOptions:
    """A ring of CPUs; between GPUs, what TensorFlow thinks best."""
    kinds = tf.distribute.experimental.CommunicationImplementation
    gpus = tf.config.list_physical_devices("GPU")
    return tf.distribute.experimental.CommunicationOptions(
        implementation=kinds.AUTO if gpus else kinds.RING
    )


def _put(key: str, text: str) -> None:
    with contextlib.suppress(tf.errors.AlreadyExistsError):
        context.context().set_config_key_value(f"deepi2i/{key}", text)


def _get(key: str) -> str | None:
    """The text under a key, or None if it does not come for a while."""
    try:
        return context.context().get_config_key_value(
            f"deepi2i/{key}", _POLL_MILLISECONDS
        )
    except tf.errors.DeadlineExceededError:
        return None


def _last_sentence(error: tf.errors.OpError) -> str:
    """What TensorFlow says in the end, in one line of bounded length."""
    text = error.message.rpartition("aborted by:")[2].strip()
    return (text.splitlines() or [type(error).__name__])[0][:160].rstrip(".: ")
