"""How a command starts and ends: flags in, exit code and one sentence out.

Exit codes: 0 success and `--help`, 1 a `Refusal`, 2 wrong flags, 130 Ctrl-C.
Any other exception is a defect and keeps its traceback.

Import this before TensorFlow: importing it quiets TensorFlow's C++ log, which
is read once when TensorFlow loads, and pins Keras to its TensorFlow backend,
which the commands need whatever ~/.keras/keras.json says.
"""

import faulthandler
import os
import sys
from collections.abc import Callable, Sequence

from deepi2i_tf import flags
from deepi2i_tf.errors import Refusal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"

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
        The exit code: 0, 1 (refusal), 2 (wrong flags) or 130 (Ctrl-C).
    """
    if _HELP.intersection(arguments):
        print(help_page())
        return 0
    try:
        flags.parse(arguments)
        main()
    except flags.WrongFlags as error:
        print(f"{error} --help lists the flags.", file=sys.stderr)
        return 2
    except Refusal as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped by Ctrl-C.", file=sys.stderr)
        return 130
    return 0


def run(main: Callable[[], None]) -> None:
    """Runs a command on `sys.argv` and exits with its code.

    Args:
        main: the command, whose flags are defined already.
    """
    faulthandler.enable()
    sys.exit(call(main, sys.argv[1:]))
