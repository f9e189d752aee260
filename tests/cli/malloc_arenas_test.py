import os
import subprocess
import sys

import pytest

from deepi2i_tf.cli import command

# Each thread allocates once; malloc_info tells how many arenas that made.
COUNT = """
import ctypes, sys, threading
if sys.argv[1] == "bound":
    from deepi2i_tf.cli import command
together = threading.Barrier(24)
def work():
    together.wait()
    blocks = [bytearray(70_000) for _ in range(50)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(24)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


def num_arenas(how):
    done = subprocess.run(
        [sys.executable, "-c", COUNT, how],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(
    not hasattr(os, "confstr")
    or "glibc" not in os.confstr("CS_GNU_LIBC_VERSION"),
    reason="another C library than glibc",
)
def test_there_are_no_more_arenas_than_cores():
    cores = max(2, os.cpu_count())
    assert num_arenas("bound") <= cores < num_arenas("free")


def test_a_choice_of_the_users_stands(monkeypatch):
    monkeypatch.setenv("MALLOC_ARENA_MAX", "5")
    assert not command.limit_malloc_arenas()
