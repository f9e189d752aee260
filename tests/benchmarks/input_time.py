"""Does a training step wait for its images?

    python -m tests.benchmarks.input_time --json

Crops of photographs are prepared once; then steps of a model on records, read
as training reads them (streamed, shuffled, paired, flipped, scaled), and steps
on one batch again and again take turns. With --json the last line is one JSON
object: {"repeated_seconds", "records_seconds", "ratio", "ratios": [...]},
seconds of a step; the ratio is the median of the turns' own. Ends with 1 where
it exceeds --most_ratio.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data import pipeline, training_batches
from deepi2i_tf.training.distributed.strategy import make_strategy, use_jit
from deepi2i_tf.training.train_step import StepFunction
from tests.benchmarks import input_pipeline, step_time


def seconds_of(step: StepFunction, batches: Iterator, steps: int) -> float:
    """Of one step, over some of them, the last one waited for."""
    begin = time.perf_counter()
    for _ in range(steps):
        step(next(batches))
    step.logs()
    return (time.perf_counter() - begin) / steps


def measure(requested: argparse.Namespace, prepared) -> dict:
    requested.num_classes = len(prepared.class_names)
    requested.precision = "float32"
    strategy = make_strategy(num_replicas=1)
    step = StepFunction(
        step_time.make_model(requested), strategy, use_jit("auto", strategy)
    )
    # None is small enough to be held in memory.
    pipeline.MEMORY_LIMIT = 0
    records = iter(
        training_batches(prepared, DataConfig(), requested.batch_size, seed=0)
    )
    one = next(records)
    repeated = iter(lambda: one, None)
    for batches in (repeated, records):
        seconds_of(step, batches, requested.steps)
    turns = [
        (
            seconds_of(step, repeated, requested.steps),
            seconds_of(step, records, requested.steps),
        )
        for _ in range(requested.turns)
    ]
    ratios = [read / again for again, read in turns]
    return {
        "repeated_seconds": statistics.median(again for again, _ in turns),
        "records_seconds": statistics.median(read for _, read in turns),
        "ratio": statistics.median(ratios),
        "ratios": [round(ratio, 4) for ratio in ratios],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--ch", type=int, default=16)
    parser.add_argument("--batch_size", type=int, default=32)
    parser.add_argument("--per_class", type=int, default=100)
    parser.add_argument("--steps", type=int, default=8, help="of a turn")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--most_ratio", type=float, default=1.03)
    parser.add_argument("--json", action="store_true")
    requested = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prepared = input_pipeline.prepare_all(
            pathlib.Path(folder),
            requested.per_class,
            requested.resolution,
            ["raw"],
        )
        found = measure(requested, prepared["raw"])
    print(
        f"a step on one batch {found['repeated_seconds']:.3f} s, on records "
        f"{found['records_seconds']:.3f} s: {found['ratio']:.3f} times"
    )
    if requested.json:
        print(json.dumps(found))
    sys.exit(int(found["ratio"] > requested.most_ratio))


if __name__ == "__main__":
    main()
