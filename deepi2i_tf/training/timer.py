"""Time that a run takes: in all, in its steps, and from log row to log row."""

import contextlib
import time
from collections.abc import Callable, Iterator


class StepTimer:
    """Adds up the seconds of a run over its sessions.

    Args:
        started: when this process began its work, by `now`.
        seconds: all seconds of earlier sessions, up to their last checkpoint.
        stepping_seconds: those of them that went into steps, rather than
            into setting up, sheets, evaluations and checkpoints.
        now: a clock that only goes forward.
    """

    def __init__(
        self,
        started: float,
        seconds: float = 0.0,
        stepping_seconds: float = 0.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._started = started - seconds
        self._stepping_since = now() - stepping_seconds
        self._interval_step = 0
        self._interval_start = 0.0

    def seconds(self) -> float:
        """Seconds of the whole run until now."""
        return self._now() - self._started

    def stepping_seconds(self) -> float:
        """Seconds spent in steps until now."""
        return self._now() - self._stepping_since

    @contextlib.contextmanager
    def pause(self) -> Iterator[None]:
        """Time within the block is not counted as stepping."""
        begun = self._now()
        try:
            yield
        finally:
            self._stepping_since += self._now() - begun

    def start_interval(self, step: int) -> None:
        """Begins to measure the pace at a step."""
        self._interval_step = step
        self._interval_start = self.stepping_seconds()

    def end_interval(self, step: int) -> float:
        """Steps per second of the interval that ends; begins the next."""
        elapsed = self.stepping_seconds() - self._interval_start
        pace = (step - self._interval_step) / max(elapsed, 1e-9)
        self.start_interval(step)
        return pace
