"""Progress of long work, told on standard error: one kind for all commands."""

import sys
from typing import TextIO

from tqdm import tqdm

SECONDS_PER_LINE = 10.0


class _Lines:
    """A stream on which a bar that is rewritten becomes lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        if line := text.strip():
            self._stream.write(f"{line}\n")

    def flush(self) -> None:
        self._stream.flush()


def progress_bar(what: str, total: int, done: int = 0) -> tqdm:
    """A bar on a terminal; elsewhere a line every ten seconds.

    Work that takes less writes nothing where there is no terminal. Use it in
    a `with` statement.

    Args:
        what: what is counted, in the plural.
        total: how many there will be, at most.
        done: how many were done before.
    """
    bar = {"desc": what, "total": total, "initial": done}
    if sys.stderr.isatty():
        return tqdm(**bar, leave=False, mininterval=0.5)
    return tqdm(
        **bar,
        file=_Lines(sys.stderr),
        mininterval=SECONDS_PER_LINE,
        delay=SECONDS_PER_LINE,
        bar_format="{desc}: {n_fmt} of {total_fmt}, {remaining} left{postfix}",
    )
