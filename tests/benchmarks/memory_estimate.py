"""How well the memory that is told before step 1 foretells what is used.

    python -m tests.benchmarks.memory_estimate --json

Takes three steps of each configuration in a process of its own, and prints the
estimate beside the peak of resident memory, or of the GPU where there is one.
With --json the last line is one JSON object: {"runs": [{"resolution", "ch",
"num_classes", "batch_size", "num_accumulations", "mixed_precision", "stage",
"estimated_gb", "measured_gb", "error"}, ...], "largest_error"}, errors being
estimated over measured, minus 1. Ends with 1 where one exceeds --most_error.

    python -m tests.benchmarks.memory_estimate --only='{"resolution": 128,
        "ch": 96, "num_classes": 149, "batch_size": 4}'
"""

import argparse
import json
import subprocess
import sys

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split

import tensorflow as tf

from deepi2i_tf import config as configs
from deepi2i_tf.models import build_model
from deepi2i_tf.networks import trainable_parameters
from deepi2i_tf.training import trainer  # noqa: F401, as a command
from deepi2i_tf.training.distributed.strategy import make_strategy, use_jit
from deepi2i_tf.training.preflight.memory_estimate import GIGA, estimate_memory
from deepi2i_tf.training.train_step import StepFunction
from tests.benchmarks import step_time

STEPS = 3
PLAN = [
    {"resolution": 32, "ch": 16, "batch_size": 16},
    {"resolution": 32, "ch": 16, "batch_size": 32},
    {"resolution": 64, "ch": 16, "batch_size": 16},
    {"resolution": 64, "ch": 16, "batch_size": 32},
    {"resolution": 64, "ch": 32, "batch_size": 16},
    {"resolution": 64, "ch": 32, "batch_size": 4, "num_accumulations": 4},
    {"resolution": 64, "ch": 32, "batch_size": 16, "stage": "pretrain"},
    {"resolution": 64, "ch": 32, "batch_size": 16, "stage": "transfer"},
    {"resolution": 128, "ch": 32, "batch_size": 4},
    {"resolution": 128, "ch": 32, "batch_size": 8},
    *(
        {**shape, "mixed_precision": "mixed_bfloat16"}
        for shape in (
            {"resolution": 32, "ch": 16, "batch_size": 32},
            {"resolution": 64, "ch": 16, "batch_size": 32},
            {"resolution": 64, "ch": 32, "batch_size": 16},
            {"resolution": 128, "ch": 32, "batch_size": 8},
        )
    ),
]
NETWORK = ("resolution", "ch", "num_classes")
TOLD = ("batch_size", "num_accumulations", "mixed_precision", "stage")


def config_of(row: dict) -> configs.Config:
    """The experiment of a row of the plan."""
    # The steps after the warm-up take most.
    row = {"num_classes": 16, "warmup_steps": 0, **row}
    network = {key: row.pop(key) for key in NETWORK}
    return configs.Config(
        network=configs.NetworkConfig(**network),
        training=configs.TrainingConfig(**row),
    )


def measure(row: dict) -> dict:
    """Takes the steps of a row in this process."""
    config = config_of(row)
    strategy = make_strategy(num_replicas=1)
    model = build_model(config)
    counts = {
        name: trainable_parameters(network)
        for name, network in model.networks.items()
    }
    step = StepFunction(model, strategy, use_jit("auto", strategy))
    requested = argparse.Namespace(
        resolution=config.network.resolution,
        num_classes=config.network.num_classes,
        batch_size=config.training.images_per_step,
    )
    batch = step_time.drawn_batch(requested)
    batch = {
        key: rows for key, rows in batch.items() if key.startswith(model.sides)
    }
    for _ in range(STEPS):
        step(batch)
        step.logs()  # Waits for the device.
    on_gpu = bool(tf.config.list_physical_devices("GPU"))
    estimated = estimate_memory(config, counts, on_gpu=on_gpu).total / GIGA
    measured = step_time.peak_gigabytes()
    return {
        **{key: getattr(config.network, key) for key in NETWORK},
        **{key: getattr(config.training, key) for key in TOLD},
        "estimated_gb": round(estimated, 3),
        "measured_gb": round(measured, 3),
        "error": round(estimated / measured - 1.0, 3),
    }


def measure_apart(row: dict) -> dict:
    """The same in a process of its own, whose peak nothing else raised."""
    command = [sys.executable, "-m", "tests.benchmarks.memory_estimate"]
    ran = subprocess.run(
        [*command, f"--row={json.dumps(row)}"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout.splitlines()[-1])


def main() -> None:
    """Measures the plan, or one row of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=json.loads, help="one row, as JSON")
    parser.add_argument("--row", type=json.loads, help="in this process")
    parser.add_argument("--most_error", type=float, default=0.2)
    parser.add_argument("--json", action="store_true")
    requested = parser.parse_args()
    if requested.row:
        print(json.dumps(measure(requested.row)))
        return
    runs = []
    for row in [requested.only] if requested.only else PLAN:
        runs.append(measure_apart(row))
        print("  ".join(f"{k} {v}" for k, v in runs[-1].items()), flush=True)
    largest = max(abs(run["error"]) for run in runs)
    if requested.json:
        print(json.dumps({"runs": runs, "largest_error": largest}))
    sys.exit(int(largest > requested.most_error))


if __name__ == "__main__":
    main()
