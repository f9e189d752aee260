"""How fast an exported model translates, and how long it takes to load.

    python -m tests.benchmarks.inference --json

Exports a translator with drawn weights in each precision, loads it as a user
would (tf.saved_model.load, in a process of its own) and calls its signature
`translate` with batches of 1, 8 and 32. With --json the last line is one JSON
object: {"float32": {"load_seconds", "first_call_seconds", "megabytes",
"batches": {"1": {"seconds", "images_per_second", "rate_over_peak"}, ...}},
"mixed_bfloat16": {...}}. The rate is that of the least work of encoder, adaptor
and generator (least_work.py), over a product of two 4096 x 4096 matrices in
the same precision and process.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split

import keras
import numpy as np
import tensorflow as tf

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.models import build_translator
from deepi2i_tf.networks import z_length
from deepi2i_tf.serving.saved_model import export_saved_model
from deepi2i_tf.serving.signatures import ServedTranslator
from tests.benchmarks import step_time
from tests.benchmarks.least_work import (
    adaptor_macs,
    generator_macs,
    trunk_macs,
)

BATCHES = (1, 8, 32)
CALLS = 3


def network_of(requested: argparse.Namespace) -> NetworkConfig:
    return NetworkConfig(
        resolution=requested.resolution,
        ch=requested.ch,
        num_classes=requested.num_classes,
    )


def export(requested: argparse.Namespace, precision: str, output: str) -> None:
    """A translator as it is before training."""
    keras.config.set_dtype_policy(precision)
    network = network_of(requested)
    served = ServedTranslator(
        build_translator(network, "translator"),
        network.resolution,
        requested.num_classes,
        z_length(network),
    )
    names = [f"class {index}" for index in range(requested.num_classes)]
    export_saved_model(served, names, output)


def drawn_inputs(network: NetworkConfig, rows: int) -> dict[str, tf.Tensor]:
    rng = np.random.default_rng(0)
    shape = (rows, network.resolution, network.resolution, 3)
    return {
        "images": tf.constant(rng.uniform(-1.0, 1.0, shape), tf.float32),
        "target_class": tf.constant(
            rng.integers(network.num_classes, size=rows), tf.int32
        ),
        "z": tf.constant(
            rng.standard_normal((rows, z_length(network))), tf.float32
        ),
    }


def measure(requested: argparse.Namespace, precision: str, model: str) -> dict:
    """Loads and calls the model in this process."""
    network = network_of(requested)
    begin = time.perf_counter()
    loaded = tf.saved_model.load(model)
    translate = loaded.signatures["translate"]
    load = time.perf_counter() - begin
    inputs = drawn_inputs(network, 1)
    translate(**inputs)["images"].numpy()
    first = time.perf_counter() - begin - load
    macs = trunk_macs(network) + adaptor_macs(network) + generator_macs(network)
    peak, batches = step_time.peak_rate(precision), {}
    for rows in requested.batches:
        inputs = drawn_inputs(network, rows)
        seconds = step_time.median_seconds(
            lambda given=inputs: translate(**given)["images"].numpy(), CALLS
        )
        batches[rows] = {
            "seconds": seconds,
            "images_per_second": rows / seconds,
            "rate_over_peak": 2 * macs * rows / seconds / peak,
        }
    files = pathlib.Path(model).rglob("*")
    size = sum(file.stat().st_size for file in files if file.is_file())
    return {
        "load_seconds": load,
        "first_call_seconds": first,
        "megabytes": size / 1e6,
        "batches": batches,
    }


def measure_apart(precision: str) -> dict:
    command = [sys.executable, "-m", "tests.benchmarks.inference"]
    with tempfile.TemporaryDirectory() as folder:
        command += [*sys.argv[1:], f"--precision={precision}"]
        command.append(f"--model={folder}/model")
        subprocess.run([*command, "--export"], check=True)
        ran = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True
        )
    return json.loads(ran.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--ch", type=int, default=96)
    parser.add_argument("--num_classes", type=int, default=149)
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--precision", help="in this process, of --model")
    parser.add_argument("--model", help="folder of the exported model")
    parser.add_argument("--export", action="store_true")
    requested = parser.parse_args()
    if requested.export:
        export(requested, requested.precision, requested.model)
        return
    if requested.precision:
        print(
            json.dumps(measure(requested, requested.precision, requested.model))
        )
        return
    results = {p: measure_apart(p) for p in step_time.MEASURED}
    for precision, found in results.items():
        print(
            f"{precision}: {found['megabytes']:.0f} MB, loads in "
            f"{found['load_seconds']:.1f} s, first call "
            f"{found['first_call_seconds']:.1f} s"
        )
        for rows, numbers in found["batches"].items():
            message = ", ".join(f"{k} {v:.3g}" for k, v in numbers.items())
            print(f"  batch {rows}: {message}", flush=True)
    if requested.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
