"""What the experiments of this folder share: commands, measurements, tables.

An experiment trains variants over seeds by the project's own commands, each
into a run directory of its own, so that whatever is interrupted goes on with
the same command.
"""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence

import numpy as np

Results = dict[str, list[dict]]  # metrics.json of every seed, by variant
Columns = dict[str, tuple[str, ...]]  # where a number stands, by its title

QUALITY: Columns = {
    "RC": ("rc",),
    "FC": ("fc",),
    "mKID x 100 (domain)": ("mkid_x100",),
    "mFID (domain)": ("mfid",),
}
POSE: Columns = {
    f"R^2 {name}": ("pose_r2", name)
    for name in ("x", "y", "scale", "roll", "yaw")
}
_TRAINING_A_JUDGE = threading.Lock()


def run(module: str, flags: Sequence[str], log: str, threads: int = 0) -> None:
    """Runs one of the project's commands and stops with it if it fails.

    Args:
        module: its module.
        flags: its flags.
        log: file that what it says is added to.
        threads: that one of its operations may take; 0 for every core's.
    """
    print(f"\n$ python -m {module} {' '.join(flags)} >> {log}", flush=True)
    os.makedirs(os.path.dirname(log), exist_ok=True)
    # Read by TensorFlow.
    environment = {**os.environ, "TF_NUM_INTRAOP_THREADS": str(threads)}
    with open(log, "a", encoding="utf-8") as file:
        subprocess.run(
            [sys.executable, "-m", module, *flags],
            check=True,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )


def threads_of(jobs: int) -> int:
    """Threads of an operation where so many runs go side by side."""
    return 0 if jobs == 1 else max(os.cpu_count() // jobs, 1)


def evaluated(
    run_dir: str,
    output: str,
    judge_dir: str,
    flags: Sequence[str],
    threads: int = 0,
) -> dict:
    """The `metrics.json` of a run, which is evaluated once.

    Args:
        run_dir: the run directory.
        output: folder of the report.
        judge_dir: of the reference models, which the first one trains.
        flags: further ones of `evaluate`.
        threads: see `run`.
    """
    path = os.path.join(output, "metrics.json")
    if not os.path.exists(path):
        flags = [*flags, f"--run_dir={run_dir}", f"--judge_dir={judge_dir}"]
        flags.append(f"--output={output}")
        judged = any(pathlib.Path(judge_dir).glob("*/judge.npz"))
        # Two evaluations at once would train them twice.
        with contextlib.nullcontext() if judged else _TRAINING_A_JUDGE:
            run("deepi2i_tf.evaluate", flags, f"{run_dir}.log", threads)
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def side_by_side(
    finish: Callable[[tuple], object], tasks: Sequence[tuple], jobs: int
) -> Iterable[tuple[tuple, object]]:
    """Finishes tasks, and yields each with its outcome in their order.

    Args:
        finish: trains and measures one.
        tasks: all of them.
        jobs: tasks at a time.
    """
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        yield from zip(tasks, pool.map(finish, tasks), strict=True)


def write(output: str, results: Results, columns: Columns) -> None:
    """Writes results.json and results.md, the table of what there is."""
    done = {variant: found for variant, found in results.items() if found}
    os.makedirs(output, exist_ok=True)
    with open(f"{output}/results.json", "w", encoding="utf-8") as file:
        json.dump(done, file, indent=1)
    text = table(done, columns)
    with open(f"{output}/results.md", "w", encoding="utf-8") as file:
        file.write(text)
    print(text, flush=True)


def table(results: Results, columns: Columns) -> str:
    """Mean and standard deviation over seeds, as Markdown.

    A cell is empty where a seed's `metrics.json` has no such number.
    """
    lines = [
        f"| | seeds | {' | '.join(columns)} |",
        "| --- " * (len(columns) + 2) + "|",
    ]
    for variant, measured in results.items():
        cells = (_cell(measured, keys) for keys in columns.values())
        lines.append(f"| {variant} | {len(measured)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def value(metrics: dict, keys: Iterable[str]) -> float:
    """A number of a `metrics.json`; NaN where it has none."""
    for key in keys:
        metrics = metrics.get(key) if isinstance(metrics, dict) else None
    return np.nan if metrics is None else float(metrics)


def _cell(measured: list[dict], keys: tuple[str, ...]) -> str:
    values = [value(metrics, keys) for metrics in measured]
    if np.isnan(values).any():
        return ""
    mean = f"{np.mean(values):.3g}"
    if len(values) == 1:
        return mean
    return f"{mean} ± {np.std(values, ddof=1):.2g}"
