"""Processes for tests: a command in one of its own, in a fraction of a second.

A server of `multiprocessing` has loaded TensorFlow and this project and forks
when it is asked, so that a process need not import them for seconds. What it
starts can be killed like any other. It, and all that it starts, see no GPU: a
process that has looked for one cannot be forked.

Every test that needs a process asks here. `fresh=True` starts Python anew, for
the few tests that are about that.
"""

import contextlib
import multiprocessing
import os
import pathlib
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Mapping
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from typing import NamedTuple
from unittest import mock

ROOT = pathlib.Path(__file__).parents[1]
# A guard against what hangs, on the busiest machine.
DEADLINE = 900.0
_QUIET = {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
_SERVER = {**_QUIET, "CUDA_VISIBLE_DEVICES": "-1"}
# What the server has loaded; the first loads TensorFlow in silence.
LOADED = (
    "deepi2i_tf.cli.command",
    "deepi2i_tf.training.trainer",
    "deepi2i_tf.evaluation.in_training",
    "deepi2i_tf.serving.translate_photos",
    "data_prep.writing.preparation",
)
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([*LOADED, __name__])
_STARTED: "weakref.WeakSet[Running]" = weakref.WeakSet()


class Ended(NamedTuple):
    """What a process leaves: its exit code (negative: a signal), its words."""

    code: int
    out: str
    err: str


class Running:
    """A process that was started; `start` makes it."""

    def __init__(
        self, process: BaseProcess | subprocess.Popen, folder: pathlib.Path
    ) -> None:
        self.pid = process.pid
        self._process, self._folder = process, folder
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        _STARTED.add(self)

    def poll(self) -> int | None:
        """The exit code, or None while it goes on."""
        if isinstance(self._process, subprocess.Popen):
            return self._process.poll()
        return self._process.exitcode

    def said(self) -> tuple[str, str]:
        """Standard output and error so far."""
        out, err = (self._folder / name for name in ("out", "err"))
        return out.read_text(), err.read_text()

    def send_signal(self, number: int) -> None:
        """As `kill` of the shell does."""
        if self.poll() is None:
            # The server may know of its end a moment before we do.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kills it (SIGKILL) and waits until it is gone."""
        self.send_signal(signal.SIGKILL)
        self.wait()

    def wait(self, deadline: float = DEADLINE) -> Ended:
        """Waits for the end."""
        if isinstance(self._process, subprocess.Popen):
            self._process.wait(deadline)
        else:
            self._process.join(deadline)
        code = self.poll()
        assert code is not None, f"no end within {deadline} s: {self.said()}"
        return Ended(code, *self.said())


def start(
    module: str,
    *arguments: object,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike = ROOT,
    fresh: bool = False,
) -> Running:
    """Starts `python -m module arguments` and goes on.

    Args:
        module: to be run as `__main__`, or the path of a script, `*.py`.
        *arguments: made to text.
        env: added to this process's environment.
        cwd: where it runs; the project's modules are found from anywhere.
        fresh: has Python start anew, and import everything.
    """
    words = [str(argument) for argument in arguments]
    environment = {**os.environ, **_QUIET, **(env or {})}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="process-"))
    for name in ("out", "err"):
        (folder / name).touch()
    if fresh:
        named = [module] if module.endswith(".py") else ["-m", module]
        process = _popen([*named, *words], environment, cwd, folder)
    else:
        process = _CONTEXT.Process(
            target=_main,
            args=(module, words, environment, os.fspath(cwd), folder),
            daemon=True,
        )
        with mock.patch.dict(os.environ, _SERVER):  # its server's, if it starts
            process.start()
    return Running(process, folder)


def run(module: str, *arguments: object, **how: object) -> Ended:
    """Starts a process, see `start`, and waits for its end."""
    return start(module, *arguments, **how).wait()


def succeed(module: str, *arguments: object, **how: object) -> str:
    """Runs a process that must end with 0; returns its standard output."""
    ended = run(module, *arguments, **how)
    assert ended.code == 0, f"{module} {arguments}\n{ended.out}{ended.err}"
    return ended.out


def end_all() -> None:
    """Kills what still runs, also if it is stopped, and ends the server."""
    for each in list(_STARTED):
        each.send_signal(signal.SIGKILL)
    # Waits for it, so that its time is counted; nothing public does.
    forkserver._forkserver._stop()


def _popen(words, environment, cwd, folder) -> subprocess.Popen:
    with open(folder / "out", "wb") as out, open(folder / "err", "wb") as err:
        return subprocess.Popen(
            [sys.executable, *words],
            env=environment,
            cwd=cwd,
            stdout=out,
            stderr=err,
            preexec_fn=_listen,
        )


def _listen() -> None:
    # What runs in the background inherits an ignored SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _main(module, words, environment, cwd, folder) -> None:
    """What a child of the server does."""
    _listen()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    for descriptor, name in ((1, "out"), (2, "err")):
        file = os.open(folder / name, os.O_WRONLY | os.O_APPEND)
        os.dup2(file, descriptor)
        os.close(file)
    sys.stdout = open(1, "w", closefd=False)
    sys.stderr = open(2, "w", closefd=False, buffering=1)
    sys.argv = [module, *words]
    if module.endswith(".py"):
        runpy.run_path(module, run_name="__main__")
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
