"""Locks between processes, which end with the process that holds them."""

import fcntl
import os


def take_lock(path: str | os.PathLike) -> int | None:
    """Locks a file without waiting; made where missing.

    The operating system lets go of the lock however the process ends, so that
    a killed one never blocks the next.

    Returns:
        A descriptor, to be closed when the lock may go; None where another
        process holds the lock.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    return lock


def lock_holder(path: str | os.PathLike) -> str:
    """The process id that the last holder wrote; "unknown" without one."""
    with open(path, encoding="utf-8") as file:
        return file.read(32).strip() or "unknown"
