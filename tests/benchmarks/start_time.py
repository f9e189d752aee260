"""How long it takes from the command to the first finished step.

    python -m tests.benchmarks.start_time --json

Creatures are drawn once; then processes that only import TensorFlow and real
training commands that end after one step take turns. A step has finished when
its row stands in metrics.jsonl. With --json the last line is one JSON object:
{"import_seconds", "first_step_seconds", "over_import"}, medians of the turns.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence
from tests import processes
from tests.end_to_end import killed_runs

IMPORT = [sys.executable, "-c", "import tensorflow"]


def import_seconds() -> float:
    begin = time.perf_counter()
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run(IMPORT, check=True, env=quiet)
    return time.perf_counter() - begin


def first_step_seconds(
    data: pathlib.Path, runs: pathlib.Path, flags: dict
) -> float:
    begin = time.perf_counter()
    process = killed_runs.start_training(data, runs, fresh=True, **flags)
    killed_runs.wait_for(process, lambda: killed_runs.rows(runs))
    spent = time.perf_counter() - begin
    code, message = killed_runs.finish(process)
    if code:
        sys.exit(message)
    return spent


def measure(requested: argparse.Namespace) -> dict[str, float]:
    flags = {
        "resolution": requested.resolution,
        "ch": requested.ch,
        "batch_size": requested.batch_size,
        "steps": 1,
    }
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder, "data")
        processes.succeed(
            "data_prep.prepare",
            "--dataset=creatures",
            f"--data_dir={data}",
            f"--resolution={requested.resolution}",
            "--num_classes=16",
            "--num_images=320",
        )
        turns = [
            (
                import_seconds(),
                first_step_seconds(
                    data, pathlib.Path(folder, f"runs{turn}"), flags
                ),
            )
            for turn in range(requested.turns)
        ]
    return {
        "import_seconds": statistics.median(first for first, _ in turns),
        "first_step_seconds": statistics.median(whole for _, whole in turns),
        "over_import": statistics.median(b / a for a, b in turns),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    # Those of flags/creatures.cfg.
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--ch", type=int, default=16)
    parser.add_argument("--batch_size", type=int, default=16)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    requested = parser.parse_args()
    found = measure(requested)
    print(
        f"{os.cpu_count()} cores: first step after "
        f"{found['first_step_seconds']:.1f} s, {found['over_import']:.1f} "
        f"times an import of TensorFlow ({found['import_seconds']:.1f} s)"
    )
    if requested.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
