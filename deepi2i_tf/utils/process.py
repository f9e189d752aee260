"""How every command starts and ends: exit code and one sentence.

Exit codes: 0 success and `--help`, 1 a `UserError`, 2 `WrongFlags`, 130 Ctrl-C,
141 nobody reads the output. Any other exception is a defect and keeps its
traceback.
"""

import contextlib
import errno
import faulthandler
import os
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from deepi2i_tf.utils.errors import UserError, WrongFlags
from deepi2i_tf.utils.names import require_text

_HELP = frozenset(("--help", "-help", "-h", "--helpfull", "--helpshort"))


def keep_keras_settings_out() -> None:
    """Has Keras start as it is without a user's settings; call it before.

    ~/.keras/keras.json may choose a backend, a float type, an epsilon and an
    image format, and variables may cut every `fit` short: each would give
    other bits, and a file that Keras cannot read a traceback.
    """
    for name in [name for name in os.environ if name.startswith("KERAS_")]:
        del os.environ[name]
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["KERAS_HOME"] = os.devnull  # No folder: no keras.json in it.


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


def help_page(flags_text: str) -> str:
    """The running command's docstring, its usage, and its flags."""
    main_module = sys.modules["__main__"]
    spec = getattr(main_module, "__spec__", None)
    name = spec.name if spec else "deepi2i_tf.COMMAND"
    return (
        f"{(main_module.__doc__ or '').strip()}\n\n"
        f"usage: python -m {name} [--flagfile=FILE] [--flag=value ...]\n\n"
        f"{flags_text}"
    )


def list_flags(groups: Mapping[str, Iterable[tuple[str, str]]]) -> str:
    """Flags for `--help`, 80 columns wide: by heading, (flag, meaning)."""
    lines = []
    for heading, entries in groups.items():
        lines.append(f"{heading}:")
        for flag, meaning in entries:
            lines.append(f"  --{flag}")
            lines += textwrap.wrap(
                meaning,
                width=79,
                initial_indent=" " * 6,
                subsequent_indent=" " * 6,
                break_on_hyphens=False,
            )
        lines.append("")
    return "\n".join(lines)


def call(
    main: Callable[[], None],
    arguments: Sequence[str],
    parse: Callable[[Sequence[str]], None],
    flags_text: Callable[[], str],
) -> int:
    """Parses flags, calls a command and returns its exit code.

    Args:
        main: the command; reads what `parse` left.
        arguments: command line without the program's name.
        parse: raises `WrongFlags`.
        flags_text: the flags in groups, for `--help`.
    """
    try:
        if _HELP.intersection(arguments):
            print(help_page(flags_text()))
        else:
            _require_text(arguments)
            parse(arguments)
            main()
        sys.stdout.flush()
    except WrongFlags as error:
        print(f"{error} --help lists the flags.", file=sys.stderr)
        return 2
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped by Ctrl-C.", file=sys.stderr)
        return 130
    except OSError as error:
        return _code_of_unwritten_output(error)
    return 0


def _require_text(arguments: Iterable[str]) -> None:
    """Refuses paths that are no UTF-8, which TensorFlow cannot open.

    What lies in a folder may be called anything. The working folder stands
    before every relative path that is made absolute.
    """
    try:
        for text in (*arguments, os.getcwd()):
            require_text(text)
    except UserError as error:
        raise WrongFlags(str(error)) from error
    except FileNotFoundError as error:
        raise WrongFlags(
            "Expected to be in a folder. Received: one that is gone. Change "
            "to another."
        ) from error


def run(
    main: Callable[[], None],
    parse: Callable[[Sequence[str]], None],
    flags_text: Callable[[], str],
) -> None:
    """Runs a command on `sys.argv` and exits with its code; see `call`."""
    faulthandler.enable()
    # A class name that the terminal cannot show is no reason to end.
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(call(main, sys.argv[1:], parse, flags_text))


def _code_of_unwritten_output(error: OSError) -> int:
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
