"""Stops a run by a signal: after its step, or at once by a second one."""

import signal
import threading
from types import FrameType
from typing import Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class GracefulStop:
    """Remembers the first SIGINT or SIGTERM until a step boundary.

    After the first signal the default handlers are back, so that a second one
    ends the process at once. Outside the main thread, where Python allows no
    handlers, signals keep their meaning.

    Example:
        >>> with GracefulStop() as stop:
        ...     while not stop.signal_name:
        ...         step()
    """

    def __init__(self) -> None:
        self.signal_name = ""
        self._before = {}

    def request(self, reason: str) -> None:
        """Stops the run as a signal does, unless one has come."""
        self.signal_name = self.signal_name or reason

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                self._before[number] = signal.signal(number, self._remember)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        del frame
        self.signal_name = signal.Signals(number).name
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
