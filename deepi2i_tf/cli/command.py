"""How a command starts and ends: flags in, exit code and one sentence out.

Exit codes: 0 success and `--help`, 1 a `UserError`, 2 wrong flags, 130 Ctrl-C.
Any other exception is a defect and keeps its traceback.

Import this before anything that imports TensorFlow. It loads TensorFlow with
the standard error closed, because its C++ side writes there past every setting
and a refusal is to be one sentence; with TF_CPP_MIN_LOG_LEVEL=0 it stays open.
It also pins Keras to its TensorFlow backend, which the commands need whatever
~/.keras/keras.json says.
"""

import contextlib
import ctypes
import errno
import faulthandler
import os
import sys
from collections.abc import Callable, Iterator, Sequence

from deepi2i_tf.cli import flags
from deepi2i_tf.utils.errors import UserError

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


@contextlib.contextmanager
def silent_stderr() -> Iterator[None]:
    """Drops what the process, C++ included, writes to standard error."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


limit_malloc_arenas()  # TensorFlow starts threads.
os.environ["KERAS_BACKEND"] = "tensorflow"
_LOG_LEVEL = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
with contextlib.nullcontext() if _LOG_LEVEL == "0" else silent_stderr():
    import tensorflow as tf

    tf.config.list_physical_devices()  # Looking for CUDA is noisy, too.

_HELP = frozenset(("--help", "-help", "-h", "--helpfull", "--helpshort"))


def help_page() -> str:
    """The running command's docstring, its usage, and its flags in groups."""
    main_module = sys.modules["__main__"]
    spec = getattr(main_module, "__spec__", None)
    name = spec.name if spec else "deepi2i_tf.COMMAND"
    return (
        f"{(main_module.__doc__ or '').strip()}\n\n"
        f"usage: python -m {name} [--flagfile=FILE] [--flag=value ...]\n\n"
        f"{flags.help_text()}"
    )


def call(main: Callable[[], None], arguments: Sequence[str]) -> int:
    """Parses the defined flags and calls a command.

    Args:
        main: the command; reads its flags through `flags`.
        arguments: command line without the program's name.

    Returns:
        The exit code: 0, 1 (refusal), 2 (wrong flags), 130 (Ctrl-C) or
        141 (nobody reads the output).
    """
    try:
        if _HELP.intersection(arguments):
            print(help_page(), flush=True)
            return 0
        flags.parse(arguments)
        main()
    except flags.WrongFlags as error:
        print(f"{error} --help lists the flags.", file=sys.stderr)
        return 2
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped by Ctrl-C.", file=sys.stderr)
        return 130
    except OSError as error:
        return _unwritten(error)
    return 0


def _unwritten(error: OSError) -> int:
    """The exit code where output cannot be written; others are defects."""
    if error.errno not in (errno.EPIPE, errno.ENOSPC):
        raise error
    # Python is not to complain of it once more at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if error.errno == errno.EPIPE:  # Whoever read the output has left.
        return 141
    print(
        "Expected room on the disk to write the output. Received: no space "
        "left on the device. Free some space and run the same command again.",
        file=sys.stderr,
    )
    return 1


def run(main: Callable[[], None]) -> None:
    """Runs a command on `sys.argv` and exits with its code.

    Args:
        main: the command, whose flags are defined already.
    """
    faulthandler.enable()
    sys.exit(call(main, sys.argv[1:]))
