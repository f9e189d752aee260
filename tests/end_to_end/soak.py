"""A run that is killed at twenty random moments ends as one that was not.

    python -m tests.end_to_end.soak --kills=20 --seed=1

Both train the same small translator on Creatures, beside processes that do
nothing but keep the cores busy. The second is killed (SIGKILL) and started
again by the same command: at moments spread evenly over 1.5 times the time
that a process takes to its first checkpoint, imports and compilation included,
so that two of three kills undo all that their process did. (That time is taken
of the first run, and again of each process that lives so long: other work on
the machine comes and goes.) In the end weights, rows of numbers, checkpoints
(every byte of them) and sheets must be the same; it ends with 1 where they are
not, or where the run was done before the last kill. The seed draws the
moments; what the process is then at, the machine decides.
"""

import argparse
import contextlib
import pathlib
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence
from deepi2i_tf.runs.checkpoints import read_meta
from tests import processes
from tests.end_to_end import killed_runs

SPINNER = "while True: pass"
HOUR = 3600.0
REACH = 1.5


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """Keeps so many cores busy."""
    command = [sys.executable, "-c", SPINNER]
    spinners = [subprocess.Popen(command) for _ in range(count)]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


class Soak:
    """Starts the same command again and again.

    Args:
        folder: data and runs go there.
        steps: of the training.
        every: steps between checkpoints.
    """

    def __init__(self, folder: pathlib.Path, steps: int, every: int) -> None:
        self._to_checkpoint = 0.0
        self.runs = folder / "killed"
        self._whole = folder / "undisturbed"
        self._data = folder / "data"
        self._flags = {
            "steps": steps,
            "checkpoint_every": every,
            "log_every": every // 10,
            "sample_every": steps // 4,
        }
        killed_runs.prepare(self._data)

    def undisturbed(self) -> None:
        """Trains undisturbed; measures what the kills need."""
        begun = time.monotonic()
        process = self._start(self._whole)
        self._wait(process, self._whole, HOUR)
        self._finish(process)
        print(
            f"undisturbed: {time.monotonic() - begun:.1f} s, the first "
            f"checkpoint after {self._to_checkpoint:.1f} s",
            flush=True,
        )

    def kill_at(self, share: float) -> str:
        """Starts, kills after this share of a life, says what was left."""
        process = self._start(self.runs)
        seconds = share * REACH * self._to_checkpoint
        self._wait(process, self.runs, seconds)
        if process.poll() is not None:
            sys.exit(
                f"FAILED: it ended with {killed_runs.finish(process)} before "
                "the kill. Give it more --steps."
            )
        process.kill()
        found = killed_runs.checkpoints(self.runs)
        damaged = [fault for _, path in found if (fault := read_meta(path)[1])]
        if damaged:
            sys.exit(f"FAILED: half a checkpoint under a final name: {damaged}")
        writing = "in" if killed_runs.unfinished(self.runs) else "not in"
        return (
            f"after {seconds:.2f} s, row of step {self._step()}, checkpoint "
            f"of step {_newest(self.runs)}, {writing} a checkpoint's write"
        )

    def differences(self) -> list[str]:
        """Lets the killed run end; names what differs."""
        self._finish(self._start(self.runs))
        there, here = map(killed_runs.outcome, (self._whole, self.runs))
        print(f"weights_sha256: {here['weights_sha256']}")
        return [name for name in there if there[name] != here[name]]

    def _start(self, runs: pathlib.Path) -> processes.Running:
        # Afresh: a moment may fall into the imports, too.
        return killed_runs.start_training(
            self._data, runs, fresh=True, **self._flags
        )

    def _finish(self, process: processes.Running) -> None:
        code, message = killed_runs.finish(process, HOUR)
        if code:
            sys.exit(f"FAILED: training ended with {code}: {message}")

    def _wait(
        self, process: processes.Running, runs: pathlib.Path, seconds: float
    ) -> None:
        """Waits for a moment or the process's end, and for a checkpoint."""
        begun, before = time.monotonic(), _newest(runs)
        while time.monotonic() - begun < seconds and process.poll() is None:
            if before is not None and _newest(runs) > before:
                self._to_checkpoint = time.monotonic() - begun
                before = None
            time.sleep(0.005)

    def _step(self) -> int:
        return killed_runs.rows(self.runs) * self._flags["log_every"]


def _newest(runs: pathlib.Path) -> int:
    """The step of the newest checkpoint, 0 where there is none."""
    return max((step for step, _ in killed_runs.checkpoints(runs)), default=0)


def main() -> None:
    """Trains twice, kills, compares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--checkpoint_every", type=int, default=50)
    parser.add_argument("--spinners", type=int, default=1)
    requested = parser.parse_args()
    draw = random.Random(requested.seed)
    print(f"soak --kills={requested.kills} --seed={requested.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder, busy(requested.spinners):
        soak = Soak(
            pathlib.Path(folder), requested.steps, requested.checkpoint_every
        )
        soak.undisturbed()
        for number in range(1, requested.kills + 1):
            message = soak.kill_at(draw.random())
            print(f"kill {number}/{requested.kills}: {message}", flush=True)
        differences = soak.differences()
    if differences:
        sys.exit(f"FAILED: these differ: {', '.join(differences)}")
    print("PASSED: weights, rows, checkpoints and sheets are the same")


if __name__ == "__main__":
    main()
