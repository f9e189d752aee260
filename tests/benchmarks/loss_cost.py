"""What every loss that is off by default costs, over a plain step.

    python -m tests.benchmarks.loss_cost --json

Steps with each loss and without any take turns in one process, so that
whatever else the machine does hits all of them. Prints the median of each and
its ratio to the plain step's; with --json the last line is one JSON object of
the ratios.
"""

import argparse
import dataclasses
import json
import statistics
import time

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split

from deepi2i_tf.config import ObjectiveConfig, PoseConfig
from deepi2i_tf.models import build_model
from deepi2i_tf.training.distributed.strategy import make_strategy, use_jit
from deepi2i_tf.training.train_step import StepFunction
from tests.benchmarks import step_time

PLAIN = "plain"
AUGMENT = ("translation", "cutout")
# Values of `Config` beside the plain ones.
LOSSES = {
    PLAIN: {},
    "equivariance": {"pose": PoseConfig(equivariance=1.0)},
    "identity": {"pose": PoseConfig(identity=1.0)},
    "cycle": {"pose": PoseConfig(cycle=1.0)},
    "augment": {"objective": ObjectiveConfig(augment=AUGMENT)},
    "augment_target": {
        "objective": ObjectiveConfig(augment=AUGMENT, augment_target=0.6)
    },
    "lecam": {"objective": ObjectiveConfig(lecam=0.1)},
    "consistency": {"objective": ObjectiveConfig(consistency=10.0)},
    "group_spectral": {"objective": ObjectiveConfig(group_spectral=0.1)},
}


def make_step(requested: argparse.Namespace, values: dict):
    """A call that makes one step and waits for it."""
    strategy = make_strategy(num_replicas=1)
    config = step_time.make_config(requested)
    model = build_model(dataclasses.replace(config, **values))
    function = StepFunction(model, strategy, use_jit("auto", strategy))
    batch = step_time.drawn_batch(requested)

    def step() -> float:
        begin = time.perf_counter()
        function(batch)
        function.logs()  # Waits for the device.
        return time.perf_counter() - begin

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--ch", type=int, default=16)
    parser.add_argument("--num_classes", type=int, default=16)
    parser.add_argument("--batch_size", type=int, default=16)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    requested = parser.parse_args()
    steps = {name: make_step(requested, v) for name, v in LOSSES.items()}
    for step in steps.values():
        step(), step()  # Traces, and warms up.
    taken = {name: [] for name in steps}
    for _ in range(requested.turns):
        for name, step in steps.items():
            taken[name].append(step())
    ratios = {
        name: statistics.median(
            with_it / plain
            for with_it, plain in zip(seconds, taken[PLAIN], strict=True)
        )
        for name, seconds in taken.items()
    }
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        print(f"{name}: {median:.3f} s, {ratios[name]:.3f} of plain")
    if requested.json:
        print(json.dumps(ratios))


if __name__ == "__main__":
    main()
