"""Progress of long work, told now and then."""

import time

from deepi2i_tf.evaluation.reference.training import Say
from deepi2i_tf.utils.formatting import format_duration

EVERY = 10.0  # seconds between two lines


class Progress:
    """Counts work and tells, every ten seconds, how much is left.

    Args:
        what: what is counted, in the plural.
        total: how many there will be, at most.
        done: how many were done before.
        say: takes the lines.
    """

    def __init__(self, what: str, total: int, done: int, say: Say) -> None:
        self._what, self._total, self._say = what, total, say
        self._before = self._done = done
        self._began = self._told = time.monotonic()

    def add(self, count: int, always: bool = False) -> None:
        """Counts work that was done.

        Args:
            count: how much.
            always: tell it now, however long ago the last line was.
        """
        self._done += count
        now = time.monotonic()
        if not always and now - self._told < EVERY:
            return
        self._told = now
        left = self._total - self._done
        pace = (now - self._began) / (self._done - self._before)
        message = f"evaluate: {self._what} {self._done} of {self._total}"
        if left > 0:
            message += f", about {format_duration(left * pace)} left"
        self._say(message)
