"""The start of a command of `data_prep`: absl flags, TensorFlow when needed."""

import functools
import importlib
import os
import sys
import types
from collections.abc import Callable, Mapping, Sequence

from absl import flags, logging

from deepi2i_tf.utils import flagfiles, process
from deepi2i_tf.utils.errors import WrongFlags


def import_quietly(name: str) -> types.ModuleType:
    """Imports a module that needs TensorFlow, when its time has come.

    Importing TensorFlow takes seconds and writes to the standard error past
    every setting; so it waits until the flags are known to be good, and is
    not heard.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    logging.set_verbosity(logging.ERROR)
    process.keep_keras_settings_out()
    with process.silent_stderr():
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


def flags_text(groups: Mapping[str, Sequence[str]]) -> str:
    """The flags for `--help`, by heading."""
    return process.list_flags(
        {
            heading: [_entry(flags.FLAGS[name]) for name in names]
            for heading, names in groups.items()
        }
    )


def _entry(flag: flags.Flag) -> tuple[str, str]:
    default = "" if flag.default is None else f" [{flag.default}]"
    return f"{flag.name}{default}", flag.help


def parse(arguments: Sequence[str]) -> None:
    """Parses a command line into absl's flags; raises `WrongFlags`."""
    try:
        rest = flags.FLAGS(["data_prep", *flagfiles.expand(arguments)])[1:]
    except (flags.Error, ValueError) as error:
        raise WrongFlags(f"{str(error).rstrip('.')}.") from error
    if rest:
        raise WrongFlags(f"Expected flags only. Received: {rest[0]!r}.")


def run(main: Callable[[], None], groups: Mapping[str, Sequence[str]]) -> None:
    """Runs a command, whose flags are defined, on `sys.argv` and exits."""
    process.run(main, parse, functools.partial(flags_text, groups))
