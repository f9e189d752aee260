"""How long one training step takes on this machine, without the data.

    python tests/benchmarks/step_time.py --resolution=128 --ch=96 --json
    python tests/benchmarks/step_time.py --model=stargan --ch=64 --batch_size=2

Prints a line per precision and, with --json, one JSON object as its last line:
{"float32": {"seconds", "images_per_second", "rate_over_peak", "peak_gb"},
"mixed_bfloat16": {...}}. Seconds are the median of the timed steps. The rate
is that of the useful work, the least that the step has to compute (see
least_work.py), however much it does compute; the peak is what a product of two
4096 x 4096 matrices reaches here in the same precision, a product after each
step: other work on the machine slows both. Each precision is measured in a
process of its own. StarGAN and SDIT have five updates of the critic, each with
a batch of its own, and an image of the step is one of its five batches.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

# Run as a script, Python looks in this folder instead of the project's.
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split
import numpy as np
import tensorflow as tf

from deepi2i_tf import config as configs
from deepi2i_tf.models import build_model
from deepi2i_tf.training.distributed.strategy import make_strategy, use_jit
from deepi2i_tf.training.train_step import StepFunction
from tests.benchmarks.least_work import CRITICS, step_macs

PRODUCT_SIDE = 4096
PRODUCTS = 5
ROUNDS = 5
# float16 is slow on CPUs, and measured only where asked for.
MEASURED = ("float32", "mixed_bfloat16")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=configs.MODELS, default="deepi2i")
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--ch", type=int, default=96)
    parser.add_argument("--num_classes", type=int, default=149)
    parser.add_argument("--batch_size", type=int, default=4)
    parser.add_argument("--steps", type=int, default=3, help="timed steps")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--precision",
        choices=configs.PRECISIONS,
        help="only this one, in this process",
    )
    return parser.parse_args()


def drawn_batch(
    requested: argparse.Namespace, rounds: int = 1
) -> dict[str, tf.Tensor]:
    rng = np.random.default_rng(0)
    rows, pixels = rounds * requested.batch_size, requested.resolution
    shape = (rows, pixels, pixels, 3)
    batch = {}
    for side in ("source", "target"):
        images = rng.uniform(-1.0, 1.0, shape).astype(np.float32)
        labels = rng.integers(requested.num_classes, size=rows)
        batch[side] = tf.constant(images)
        batch[f"{side}_label"] = tf.constant(labels, tf.int32)
    return batch


def make_config(
    requested: argparse.Namespace, model: str = "deepi2i"
) -> configs.Config:
    shape = {} if model in ("deepi2i", "stargan") else {"dim_z": 8}
    return configs.Config(
        network=configs.NetworkConfig(
            model=model,
            **shape,
            resolution=requested.resolution,
            num_classes=requested.num_classes,
            ch=requested.ch,
        ),
        training=configs.TrainingConfig(
            batch_size=requested.batch_size,
            mixed_precision=requested.precision,
            discriminator_steps=ROUNDS if model in CRITICS else 1,
        ),
    )


def make_model(requested: argparse.Namespace):
    return build_model(make_config(requested))


def median_seconds(call, times: int) -> float:
    """Of `times` calls, after one that compiles."""
    (seconds,) = alternate_seconds(times, call)
    return seconds


def alternate_seconds(times: int, *calls) -> list[float]:
    """The median of each of several calls, made in turn."""
    for call in calls:
        call()
    seconds = [[] for _ in calls]
    for _ in range(times):
        for call, taken in zip(calls, seconds, strict=True):
            begin = time.perf_counter()
            call()
            taken.append(time.perf_counter() - begin)
    return [statistics.median(taken) for taken in seconds]


def large_product(precision: str):
    """A product of two matrices, to be called."""
    kind = tf.as_dtype(precision.removeprefix("mixed_"))
    shape = (PRODUCT_SIDE, PRODUCT_SIDE)
    left, right = (tf.cast(tf.random.normal(shape), kind) for _ in "lr")
    product = tf.function(lambda: tf.reduce_sum(tf.matmul(left, right)))
    return lambda: product().numpy()


def peak_rate(precision: str) -> float:
    """Operations per second of a large matrix product."""
    seconds = median_seconds(large_product(precision), PRODUCTS)
    return 2 * PRODUCT_SIDE**3 / seconds


def peak_gigabytes() -> float:
    """Of the GPU where there is one, else of this process."""
    if tf.config.list_physical_devices("GPU"):
        return tf.config.experimental.get_memory_info("GPU:0")["peak"] / 1e9
    # Not getrusage's ru_maxrss: a child begins with that of its parent.
    status = pathlib.Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e9


def measure(requested: argparse.Namespace) -> dict[str, float]:
    strategy = make_strategy(num_replicas=1)
    config = make_config(requested, requested.model)
    rounds = config.training.discriminator_steps
    model, batch = build_model(config), drawn_batch(requested, rounds)
    step = StepFunction(model, strategy, use_jit("auto", strategy))

    def call() -> None:
        step(batch)
        step.logs()  # Waits for the device.

    call()
    peak_gb = peak_gigabytes()
    seconds, of_product = alternate_seconds(
        requested.steps, call, large_product(requested.precision)
    )
    useful = 2 * step_macs(config.network, rounds) * requested.batch_size
    peak = 2 * PRODUCT_SIDE**3 / of_product
    return {
        "seconds": seconds,
        "images_per_second": requested.batch_size / seconds,
        "rate_over_peak": useful / seconds / peak,
        "peak_gb": peak_gb,
    }


def measure_apart(precision: str) -> dict[str, float]:
    command = [sys.executable, *sys.argv, f"--precision={precision}"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ran.stdout.splitlines()[-1])


def main() -> None:
    requested = arguments()
    if requested.precision:
        print(json.dumps(measure(requested)))
        return
    results = {}
    for precision in MEASURED:
        results[precision] = measure_apart(precision)
        message = (f"{k} {v:.3g}" for k, v in results[precision].items())
        print(f"{precision}: {', '.join(message)}", flush=True)
    if requested.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
