"""A run that is killed at twenty random moments ends as one that was not.

    python -m tests.end_to_end.soak --kills=20 --seed=1

Both train the same small translator on Creatures, beside processes that do
nothing but keep the cores busy. The second is killed (SIGKILL) and started
again by the same command: at moments spread evenly over 1.5 times the time
that the first took to its first checkpoint, imports and compilation included,
so that two of three kills undo all that their process did. In the end weights,
rows of numbers, checkpoints (every byte of them) and sheets must be the same;
it ends with 1 where they are not, or where the run was done before the last
kill. The seed draws the moments; what the process is then at, the machine
decides.
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

import deepi2i_tf.command  # noqa: F401, it loads TensorFlow in silence
from deepi2i_tf.training.checkpoints import read_meta
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

    def undisturbed(self) -> float:
        """Trains undisturbed; returns seconds to the first checkpoint."""
        begun = time.monotonic()
        process = self._start(self._whole)
        killed_runs.wait_for(process, self._first_checkpoint, HOUR)
        seconds = time.monotonic() - begun
        self._finish(process)
        print(
            f"undisturbed: {time.monotonic() - begun:.1f} s, the first "
            f"checkpoint after {seconds:.1f} s",
            flush=True,
        )
        return seconds

    def kill_after(self, seconds: float) -> str:
        """Starts, kills after some seconds, and says what was left."""
        process = self._start(self.runs)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            sys.exit(
                f"FAILED: it ended with {killed_runs.finish(process)} before "
                "the kill. Give it more --steps."
            )
        killed_runs.kill(process)
        found = killed_runs.checkpoints(self.runs)
        damaged = [fault for _, path in found if (fault := read_meta(path)[1])]
        if damaged:
            sys.exit(f"FAILED: half a checkpoint under a final name: {damaged}")
        newest = found[-1][0] if found else 0
        writing = "in" if killed_runs.unfinished(self.runs) else "not in"
        return (
            f"after {seconds:.2f} s, row of step {self._step()}, checkpoint "
            f"of step {newest}, {writing} a checkpoint's write"
        )

    def differences(self) -> list[str]:
        """Lets the killed run end; names what differs."""
        self._finish(self._start(self.runs))
        there, here = map(killed_runs.outcome, (self._whole, self.runs))
        print(f"weights_sha256: {here['weights_sha256']}")
        return [name for name in there if there[name] != here[name]]

    def _start(self, runs: pathlib.Path) -> subprocess.Popen:
        return killed_runs.start_training(self._data, runs, **self._flags)

    def _finish(self, process: subprocess.Popen) -> None:
        code, told = killed_runs.finish(process, HOUR)
        if code:
            sys.exit(f"FAILED: training ended with {code}: {told}")

    def _first_checkpoint(self) -> bool:
        return bool(killed_runs.checkpoints(self._whole))

    def _step(self) -> int:
        return killed_runs.rows(self.runs) * self._flags["log_every"]


def main() -> None:
    """Trains twice, kills, compares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--checkpoint_every", type=int, default=50)
    parser.add_argument("--spinners", type=int, default=1)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    print(f"soak --kills={asked.kills} --seed={asked.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder, busy(asked.spinners):
        soak = Soak(pathlib.Path(folder), asked.steps, asked.checkpoint_every)
        reach = REACH * soak.undisturbed()
        for number in range(1, asked.kills + 1):
            told = soak.kill_after(draw.uniform(0.0, reach))
            print(f"kill {number}/{asked.kills}: {told}", flush=True)
        differences = soak.differences()
    if differences:
        sys.exit(f"FAILED: these differ: {', '.join(differences)}")
    print("PASSED: weights, rows, checkpoints and sheets are the same")


if __name__ == "__main__":
    main()
