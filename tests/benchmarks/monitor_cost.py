"""What the monitor's probe costs, in training steps.

    python tests/benchmarks/monitor_cost.py --resolution=64 --batch_size=16

Steps and probes take turns, so that whatever else the machine does hits both.
Prints the median of each, their ratio, and the share of a run's time that a
probe every `--monitor_every` steps takes.
"""

import argparse
import pathlib
import statistics
import sys
import time

# Run as a script, Python looks in this folder instead of the project's.
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split
import numpy as np

from deepi2i_tf.config import MonitorConfig
from deepi2i_tf.data import PreparedData
from deepi2i_tf.training import probe
from deepi2i_tf.training.distributed.strategy import make_strategy, use_jit
from deepi2i_tf.training.run_context import RunContext
from deepi2i_tf.training.train_step import StepFunction
from tests.benchmarks.step_time import drawn_batch, make_model


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--ch", type=int, default=16)
    parser.add_argument("--num_classes", type=int, default=16)
    parser.add_argument("--batch_size", type=int, default=16)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--precision", default="float32")
    parser.add_argument(
        "--monitor_every", type=int, default=MonitorConfig().monitor_every
    )
    return parser.parse_args()


def drawn_examples(requested: argparse.Namespace):
    """Noise in the place of a test split."""
    random = np.random.default_rng(1)
    shape = (requested.resolution, requested.resolution, 3)
    for label in np.arange(512) % requested.num_classes:
        image = random.integers(0, 256, shape, np.uint8)
        yield {"image": image, "label": np.int32(label)}


def make_probe(requested: argparse.Namespace, model) -> probe.Probe:
    probe.first_examples = lambda data, split: drawn_examples(requested)
    names = tuple(map(str, range(requested.num_classes)))
    data = PreparedData(
        "", "", "", "", requested.resolution, names, (), {"test": 512}, {}
    )
    context = RunContext(model.config, model, None, data, None, None)
    return probe.make_probe(context)


def seconds(call) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def main() -> None:
    requested = arguments()
    strategy = make_strategy(num_replicas=1)
    model, batch = make_model(requested), drawn_batch(requested)
    function = StepFunction(model, strategy, use_jit("auto", strategy))
    measured = make_probe(requested, model)

    def step() -> None:
        function(batch)
        function.logs()  # Waits for the device.

    calls = {"step": step, "probe": lambda: measured(1.0, 0.0)}
    for call in calls.values():
        call()
    taken = {name: [] for name in calls}
    for _ in range(requested.turns):
        for name, call in calls.items():
            taken[name].append(seconds(call))
    step_s, probe_s = (statistics.median(taken[name]) for name in calls)
    print(
        f"step {step_s:.3f} s, probe {probe_s:.3f} s: {probe_s / step_s:.2f} "
        f"steps, {probe_s / step_s / requested.monitor_every:.2%} of a run"
    )


if __name__ == "__main__":
    main()
