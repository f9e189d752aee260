"""The coordination of a cluster's workers: joining, a store, and an end.

Within steps workers share sums; between steps, texts under keys of the store
that TensorFlow's coordination service keeps on the chief. The service notices
a worker that was killed within seconds, and whatever the others wait for ends
with an error.
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
# Workers that are done all come, but on a busy machine the threads of a
# pipeline were seen to take half a minute to end; those that read of an error
# may be stuck in a step, and end when the chief does.
_SHUTDOWN_SECONDS = 300.0
_ERROR_SECONDS = 10.0
_POLL_MILLISECONDS = 500
_ERROR = "refused"
_DONE = "done"
_LEFT = "left"
# What a step or a wait fails with when a worker is gone.
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
    """The store and the barriers that workers share; alone it does nothing.

    Args:
        index: this worker's.
        size: number of workers.
    """

    index: int = 0
    size: int = 1

    @property
    def is_chief(self) -> bool:
        """Whether this worker writes the run directory."""
        return self.index == 0

    def put(self, name: str, text: str = "") -> None:
        """Stores a text under this worker's name; the first one stays."""
        if self.size > 1:
            _put(f"{name}/{self.index}", text)

    def get(self, name: str, index: int = 0) -> str:
        """Waits for the text that a worker puts, for as long as all are there.

        Raises:
            UserError: another worker ended with one.
        """
        while (text := _get(f"{name}/{index}")) is None:
            error = _get(_ERROR)
            if error is not None:
                raise UserError(error)
        return text

    def wait_all(self, name: str) -> None:
        """Waits on the chief until all others have put a text."""
        for index in range(1, self.size):
            self.get(name, index)

    def shutdown(self) -> None:
        """Ends workers in order, so that none is reported as lost."""
        if self.is_chief:
            self.put(_DONE)
        else:
            self.get(_DONE)
        self._leave(_SHUTDOWN_SECONDS)

    @contextlib.contextmanager
    def share_errors(self) -> Iterator[None]:
        """Ends every worker with the `UserError` of one within the block.

        Raises:
            UserError: this worker's own, another's, or for one that is gone.
        """
        try:
            yield
        except UserError as error:
            if self.size > 1:
                _put(_ERROR, f"Worker {self.index} was refused: {error}")
                self._leave(_ERROR_SECONDS)
            raise
        except _LOSSES as error:
            if self.size == 1:
                raise
            raise self._loss(error) from error

    def _leave(self, seconds: float) -> None:
        """Lets the chief, which hosts the store, leave last."""
        if not self.is_chief:
            # The chief may be gone before it has acknowledged this.
            with contextlib.suppress(*_LOSSES):
                self.put(_LEFT)
            return
        deadline = time.monotonic() + seconds
        for index in range(1, self.size):
            while _get(f"{_LEFT}/{index}") is None:
                if time.monotonic() > deadline:
                    return

    def _loss(self, error: tf.errors.OpError) -> UserError:
        with contextlib.suppress(*_LOSSES):
            other = _get(_ERROR)
            if other is not None:
                return UserError(other)
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
