"""What --deterministic and XLA cost or gain in a step.

    python -m tests.benchmarks.switches --json

Processes with the switch and without take turns; each gives the median of
some steps. With --json the last line is one JSON object: {"plain":
{"seconds", "first_seconds"}, "deterministic": {"seconds", "first_seconds",
"over_plain"}, "xla": {...}}, medians of the turns; the first step includes
tracing and compiling.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split

import tensorflow as tf

from deepi2i_tf.training.distributed.strategy import make_strategy
from deepi2i_tf.training.train_step import StepFunction
from tests.benchmarks import step_time

SWITCHES = ("plain", "deterministic", "xla")
# The trainer turns determinism on, and wants a seed for whatever draws.
SEED = 0


def measure(requested: argparse.Namespace, switch: str) -> dict[str, float]:
    """Takes the steps in this process."""
    if switch == "deterministic":
        tf.config.experimental.enable_op_determinism()
        tf.random.set_seed(SEED)
    model, batch = (
        step_time.make_model(requested),
        step_time.drawn_batch(requested),
    )
    step = StepFunction(model, make_strategy(1), switch == "xla")

    def call() -> None:
        step(batch)
        step.logs()  # Waits for the device.

    begin = time.perf_counter()
    call()
    first = time.perf_counter() - begin
    return {
        "seconds": step_time.median_seconds(call, requested.steps),
        "first_seconds": first,
    }


def measure_apart(switch: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.switches"]
    command += [*sys.argv[1:], f"--switch={switch}"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ran.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--ch", type=int, default=16)
    parser.add_argument("--num_classes", type=int, default=16)
    parser.add_argument("--batch_size", type=int, default=8)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--steps", type=int, default=5, help="timed steps")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--switch", choices=SWITCHES, help="in this process")
    requested = parser.parse_args()
    if requested.switch:
        print(json.dumps(measure(requested, requested.switch)))
        return
    turns = [
        {switch: measure_apart(switch) for switch in SWITCHES}
        for _ in range(requested.turns)
    ]
    results = {}
    for switch in SWITCHES:
        found = {
            key: statistics.median(turn[switch][key] for turn in turns)
            for key in ("seconds", "first_seconds")
        }
        if switch != "plain":
            found["over_plain"] = statistics.median(
                turn[switch]["seconds"] / turn["plain"]["seconds"]
                for turn in turns
            )
        results[switch] = found
        message = ", ".join(f"{k} {v:.3g}" for k, v in found.items())
        print(f"{switch}: {message}", flush=True)
    if requested.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
