"""How a step's time and memory grow: resolution, classes, batch, replicas.

    python -m tests.benchmarks.growth --json --plot=docs/growth.png

Each point is a process of its own that takes a few steps without data: seconds
of the median step, peak memory, and the least work of the step. With --json
the last line is one JSON object: {"resolution": [{"value", "seconds",
"peak_gb", "tera_operations"}, ...], "num_classes": [...], "batch_size": [...],
"num_replicas": [...]}. Replicas on CPUs are logical ones that share the cores:
what they cost, not what several GPUs gain.
"""

import argparse
import json
import subprocess
import sys

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from deepi2i_tf import config as configs
from deepi2i_tf.models import build_model
from deepi2i_tf.training.distributed.strategy import make_strategy, use_jit
from deepi2i_tf.training.train_step import StepFunction, distribute
from tests.benchmarks import step_time
from tests.benchmarks.least_work import step_macs

BASE = {
    "resolution": 64,
    "ch": 16,
    "num_classes": 16,
    "batch_size": 8,
    "num_replicas": 1,
}
PLAN = {
    "resolution": (32, 64, 128, 256),
    "num_classes": (8, 64, 256, 1000),
    "batch_size": (1, 4, 16, 64),
    "num_replicas": (1, 2, 4),
}
TITLES = {
    "resolution": "resolution, px",
    "num_classes": "classes",
    "batch_size": "batch",
    "num_replicas": "replicas on the same cores",
}
NETWORK = ("resolution", "ch", "num_classes")


def measure(point: dict, steps: int) -> dict[str, float]:
    """Takes the steps of one point in this process."""
    config = configs.Config(
        network=configs.NetworkConfig(**{key: point[key] for key in NETWORK}),
        training=configs.TrainingConfig(
            batch_size=point["batch_size"], num_replicas=point["num_replicas"]
        ),
    )
    strategy = make_strategy(point["num_replicas"])
    with strategy.scope():
        model = build_model(config)
    step = StepFunction(model, strategy, use_jit("auto", strategy))
    drawn = step_time.drawn_batch(argparse.Namespace(**point))
    repeated = step_time.tf.data.Dataset.from_tensors(drawn).repeat()
    batch = next(iter(distribute(repeated, strategy, 1)))

    def call() -> None:
        step(batch)
        step.logs()  # Waits for the device.

    seconds = step_time.median_seconds(call, steps)
    macs = step_macs(config.network) * point["batch_size"]
    return {
        "seconds": round(seconds, 4),
        "peak_gb": round(step_time.peak_gigabytes(), 3),
        "tera_operations": round(2 * macs / 1e12, 4),
    }


def measure_apart(point: dict, steps: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.growth"]
    command += [f"--point={json.dumps(point)}", f"--steps={steps}"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ran.stdout.splitlines()[-1])


def draw(results: dict[str, list[dict]], path: str) -> None:
    """Seconds and gigabytes over each of the four, logarithmic."""
    # Not pyplot's, which keeps every figure.
    figure = Figure(figsize=(13, 3.2))
    panels = figure.subplots(1, len(results))
    for panel, (name, rows) in zip(panels, results.items(), strict=True):
        values = [row["value"] for row in rows]
        for key, label in (("seconds", "s / step"), ("peak_gb", "GB")):
            panel.plot(
                values, [row[key] for row in rows], marker="o", label=label
            )
        panel.set_xscale("log", base=2)
        panel.set_yscale("log")
        panel.set_xticks(values, [str(value) for value in values])
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter("{x:g}")
        panel.minorticks_off()
        panel.set_xlabel(TITLES[name])
        panel.grid(alpha=0.3)
        panel.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3, help="timed steps")
    parser.add_argument("--plot", help="path of a PNG")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--point", type=json.loads, help="in this process")
    requested = parser.parse_args()
    if requested.point:
        print(json.dumps(measure(requested.point, requested.steps)))
        return
    results = {}
    for name, values in PLAN.items():
        results[name] = []
        for value in values:
            found = measure_apart({**BASE, name: value}, requested.steps)
            results[name].append({"value": value, **found})
            print(f"{name} {value}: {found}", flush=True)
    if requested.plot:
        draw(results, requested.plot)
    if requested.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
