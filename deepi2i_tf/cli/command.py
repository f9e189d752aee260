"""The start of a command that works with TensorFlow; its end is in `process`.

Import this before anything that imports TensorFlow. It loads TensorFlow with
the standard error closed, because its C++ side writes there past every setting
and a refusal is to be one sentence; with TF_CPP_MIN_LOG_LEVEL=0 it stays open.
It also has Keras start with its TensorFlow backend and as it comes, whatever
~/.keras/keras.json says.
"""

import contextlib
import ctypes
import os
from collections.abc import Callable, Sequence

from deepi2i_tf.cli import flags
from deepi2i_tf.utils import process

_M_ARENA_MAX = -8  # of malloc.h


def limit_malloc_arenas() -> bool:
    """Allows glibc one arena for each core; call it before threads start.

    By default threads get arenas of their own, up to eight for each core.
    Buffers that one thread allocates and another frees, as the input
    pipeline's do, leave holes in all of them: private memory was seen to grow
    by a fifth in half an hour of training, though nothing leaks.

    Returns:
        Whether the C library could be told; others than glibc cannot.
    """
    # Whoever sets glibc's own variable knows better.
    if "MALLOC_ARENA_MAX" in os.environ:
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_M_ARENA_MAX, max(2, os.cpu_count() or 2)))


limit_malloc_arenas()  # TensorFlow starts threads.
process.keep_keras_settings_out()
_LOG_LEVEL = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
with contextlib.nullcontext() if _LOG_LEVEL == "0" else process.silent_stderr():
    import tensorflow as tf

    tf.config.list_physical_devices()  # Looking for CUDA is noisy, too.


def call(main: Callable[[], None], arguments: Sequence[str]) -> int:
    """Parses the defined flags, calls a command and returns its exit code."""
    return process.call(main, arguments, flags.parse, flags.help_text)


def run(main: Callable[[], None]) -> None:
    """Runs a command, whose flags are defined, on `sys.argv` and exits."""
    process.run(main, flags.parse, flags.help_text)
