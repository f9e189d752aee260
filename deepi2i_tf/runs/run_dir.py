"""The run directory: numbered, locked, self-contained.

`runs/00007-animals-20261121/` holds all there is to know of a run. A process
holds `.lock` for its whole life; the operating system lets go of it however
the process ends, so a killed run never blocks the next one.
"""

import dataclasses
import datetime
import os
import re
from pathlib import Path
from typing import Any

from deepi2i_tf.config import Config
from deepi2i_tf.runs.identity import require_same_data, require_same_run
from deepi2i_tf.runs.layout import (
    CONFIG_FILE,
    DATA_FILE,
    DONE_FILE,
    FLAGS_FILE,
    LOCK_FILE,
    VERSIONS_FILE,
)
from deepi2i_tf.runs.provenance import software_versions
from deepi2i_tf.utils.atomic_files import (
    explain_disk_errors,
    read_json,
    remove_unfinished,
    write_json,
    write_text,
)
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.locks import lock_holder, take_lock

_NUMBERED = re.compile(r"^(\d{5})-")


@dataclasses.dataclass
class RunDir:
    """A run directory that this process holds.

    Args:
        path: the directory.
        lock: descriptor of the lock file; closing it, or dying, releases
            the run.
        found: whether it was found as this command's own unfinished run.
    """

    path: Path
    lock: int
    found: bool = False

    def finished_step(self) -> int | None:
        """The step that `DONE.json` tells, or None for an unfinished run."""
        done = read_json(self.path / DONE_FILE)
        return None if done is None else int(done["step"])

    def reopen(self) -> None:
        """Takes back `DONE.json`: the run goes on to more steps."""
        (self.path / DONE_FILE).unlink(missing_ok=True)

    def finish(self, values: dict[str, Any]) -> None:
        """Writes `DONE.json`."""
        with explain_disk_errors(self.path, "The last checkpoint is there."):
            write_json(self.path / DONE_FILE, values)

    def forget(self) -> None:
        """Takes back what the run was to be, so that it may be another.

        Only for a run that has trained nothing.
        """
        for name in (CONFIG_FILE, DATA_FILE):
            (self.path / name).unlink(missing_ok=True)

    def release(self) -> None:
        """Lets another process have the run."""
        os.close(self.lock)


def open_run_dir(config: Config) -> RunDir:
    """Finds or makes the directory of a run, and locks it.

    Args:
        config: `training.run_dir` is taken as it is; where it is empty, this
            configuration's own unfinished run under `training.runs_dir` is
            taken up, else the next number is begun.

    Returns:
        The locked directory. Nothing of the run is written yet.

    Raises:
        UserError: another process holds it, or it cannot be written.
    """
    if config.training.run_dir:
        return _lock_given(Path(config.training.run_dir))
    runs = Path(config.training.runs_dir)
    found = _find_unfinished(runs, config)
    return found or _begin_numbered(runs, config)


def describe_run(
    run: RunDir,
    config: Config,
    flagfile_text: str,
    data: dict[str, Any],
) -> None:
    """Writes what the run is; refuses if the directory is of another run.

    Args:
        run: the locked directory.
        config: the configuration, `num_classes` filled in.
        flagfile_text: a flagfile that starts this run again.
        data: `identity.data_facts`.
    """
    path = run.path
    stored = read_json(path / CONFIG_FILE)
    if stored is not None:
        require_same_run(path, stored, config)
    stored_data = read_json(path / DATA_FILE)
    if stored_data is not None:
        require_same_data(path, stored_data, data)
    with explain_disk_errors(path, "Nothing was begun."):
        remove_unfinished(path)
        write_text(path / FLAGS_FILE, flagfile_text)
        write_json(path / VERSIONS_FILE, software_versions())
        write_json(path / DATA_FILE, data)
        write_text(path / CONFIG_FILE, config.to_json())


def _lock_given(path: Path) -> RunDir:
    with explain_disk_errors(path, "Nothing was begun."):
        path.mkdir(parents=True, exist_ok=True)
        lock = take_lock(path / LOCK_FILE)
    if lock is None:
        raise UserError(
            f"Expected {path} to be free. Received: a run directory in use "
            f"by process {lock_holder(path / LOCK_FILE)}. Wait for it, stop "
            "it, or choose another --run_dir."
        )
    return RunDir(path, lock)


def _find_unfinished(runs: Path, config: Config) -> RunDir | None:
    """This command's newest run that is neither finished nor locked."""
    for path in sorted(_numbered(runs), reverse=True):
        if not os.access(path, os.W_OK) or not _is_own(path, config):
            continue
        lock = take_lock(path / LOCK_FILE)
        if lock is not None:
            return RunDir(path, lock, found=True)
    return None


def _is_own(path: Path, config: Config) -> bool:
    """Whether an unfinished run of exactly this configuration lies there."""
    if (path / DONE_FILE).exists():
        return False
    stored = read_json(path / CONFIG_FILE)
    if stored is None:
        return False
    try:
        return Config.from_dict(stored) == config
    except (KeyError, TypeError, ValueError):  # a run of another version
        return False


def _numbered(runs: Path) -> list[Path]:
    if not runs.is_dir():
        return []
    return [path for path in runs.iterdir() if _NUMBERED.match(path.name)]


def _begin_numbered(runs: Path, config: Config) -> RunDir:
    name = config.training.name or config.data.dataset
    date = datetime.date.today().strftime("%Y%m%d")
    number = 1 + max(
        (int(_NUMBERED.match(p.name)[1]) for p in _numbered(runs)), default=-1
    )
    with explain_disk_errors(runs, "Nothing was begun."):
        while True:
            path = runs / f"{number:05d}-{name}-{date}"
            try:
                path.mkdir(parents=True)
                return _lock_given(path)
            except FileExistsError:  # another process was quicker
                number += 1
