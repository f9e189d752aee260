"""How the commands of `data_prep` start and end.

Exit codes: 0 success and `--help`, 1 a `UserError`, 2 wrong flags, 130 Ctrl-C.
"""

import contextlib
import importlib
import os
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence

from absl import flags, logging

from data_prep.errors import UserError

_HELP = frozenset(("--help", "-help", "-h", "--helpfull", "--helpshort"))


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def import_quietly(name: str) -> types.ModuleType:
    """Imports a module that needs TensorFlow, when its time has come.

    Importing TensorFlow takes seconds and writes to the standard error past
    every setting; so it waits until the flags are known to be good, and is
    not heard.

    Args:
        name: of the module, with dots.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    logging.set_verbosity(logging.ERROR)
    with _silent_stderr():
        module = importlib.import_module(name)
        if "tensorflow" in sys.modules:
            # Looking for devices is noisy too, and done at first use.
            sys.modules["tensorflow"].config.list_physical_devices()
    return module


def define_set_flags() -> None:
    """Defines the flags that name prepared data sets."""
    flags.DEFINE_string(
        "data_dir",
        "data",
        "Folder that holds <dataset>/<config>/<version>/, or that folder.",
    )
    flags.DEFINE_string("dataset", "", "Only this data set.")
    flags.DEFINE_string("config", "", "Only this configuration.")


def help_page(
    command: str, description: str, groups: Mapping[str, Sequence[str]]
) -> str:
    """Returns what `--help` prints.

    Args:
        command: module name, as in `python -m`.
        description: the module's docstring.
        groups: flag names by heading.
    """
    lines = [
        description.strip(),
        "",
        f"usage: python -m {command} [--flag=value ...]",
    ]
    for heading, names in groups.items():
        lines += ["", f"{heading}:"]
        for name in names:
            flag = flags.FLAGS[name]
            default = "" if flag.default is None else f" [{flag.default}]"
            lines.append(f"  --{name}{default}")
            lines.append(f"      {flag.help}")
    return "\n".join(lines)


def call(
    main: Callable[[], None],
    page: Callable[[], str],
    arguments: Sequence[str],
) -> int:
    """Parses the flags and calls a command.

    Args:
        main: the command, which reads `flags.FLAGS`.
        page: returns the help page.
        arguments: command line without the program's name.

    Returns:
        The exit code.
    """
    if _HELP.intersection(arguments):
        print(page())
        return 0
    try:
        rest = flags.FLAGS(["data_prep", *arguments])[1:]
        if rest:
            raise flags.Error(f"Expected flags only. Received: {rest[0]!r}.")
    except flags.Error as error:
        print(
            f"{str(error).rstrip('.')}. --help lists the flags.",
            file=sys.stderr,
        )
        return 2
    try:
        main()
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped by Ctrl-C.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; nothing is left to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
