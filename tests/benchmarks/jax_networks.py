"""How fast the networks are on Keras' JAX backend, beside the chip's peak.

    python tests/benchmarks/jax_networks.py --json

Needs jax and keras alone. Forward, and forward with the gradient of all
weights, of generator and discriminator with random weights on random images,
on the first device that JAX finds: a GPU where there is one, else the CPU.
With --json the last line is one JSON object: {"device", "float32":
{"generator": {"forward": {"seconds", "images_per_second", "rate_over_peak"},
"gradient": {...}}, "discriminator": {...}}, "mixed_bfloat16": {...}}. The
rate is that of the least work (least_work.py; a gradient counts as two
forwards more), over a product of two 4096 x 4096 matrices in the same type
and process.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import time
from collections.abc import Callable

os.environ["KERAS_BACKEND"] = "jax"
# Run as a script, Python looks in this folder instead of the project's.
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

from deepi2i_tf.config import NetworkConfig  # noqa: E402
from deepi2i_tf.networks import build_networks, z_length  # noqa: E402
from tests.benchmarks.least_work import (  # noqa: E402
    generator_macs,
    trunk_macs,
)

MEASURED = ("float32", "mixed_bfloat16")
GRADIENT_PASSES = 3  # forward, by the maps, by the weights


def median_seconds(call: Callable, calls: int) -> float:
    """Of `calls` calls, after one that compiles."""
    jax.block_until_ready(call())
    seconds = []
    for _ in range(calls):
        begin = time.perf_counter()
        jax.block_until_ready(call())
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def peak_rate(precision: str, requested: argparse.Namespace) -> float:
    """Operations per second of a large matrix product."""
    shape = (requested.product_side, requested.product_side)
    kind = precision.removeprefix("mixed_")
    left, right = (
        jax.random.normal(key, shape).astype(kind)
        for key in jax.random.split(jax.random.key(0))
    )
    product = jax.jit(lambda a, b: a @ b)
    seconds = median_seconds(lambda: product(left, right), requested.calls)
    return 2 * requested.product_side**3 / seconds


def drawn_inputs(network: NetworkConfig, rows: int) -> dict[str, tuple]:
    """What each network is called with."""
    rng = np.random.default_rng(0)
    shape = (rows, network.resolution, network.resolution, 3)
    images = rng.uniform(-1.0, 1.0, shape).astype(np.float32)
    labels = rng.integers(network.num_classes, size=rows).astype(np.int32)
    z = rng.standard_normal((rows, z_length(network))).astype(np.float32)
    return {"generator": (z, labels), "discriminator": (images, labels)}


def passes(name: str, network: keras.Model, inputs: tuple) -> dict:
    """Compiled calls: forward, and the gradient of all weights."""
    states = [v.value for v in network.non_trainable_variables]
    weights = [v.value for v in network.trainable_variables]

    def forward(weights, first, labels):
        out, _ = network.stateless_call(
            weights, states, first, labels=labels, training=True
        )
        return out if name == "generator" else out[0]

    def loss(*given):
        return keras.ops.mean(keras.ops.cast(forward(*given), "float32"))

    compiled = {
        "forward": jax.jit(forward),
        "gradient": jax.jit(jax.grad(loss)),
    }
    arrays = tuple(jax.device_put(each) for each in inputs)
    return {
        kind: lambda run=run: run(weights, *arrays)
        for kind, run in compiled.items()
    }


def measure(precision: str, requested: argparse.Namespace) -> dict:
    """Both networks in one precision."""
    keras.config.set_dtype_policy(precision)
    network = NetworkConfig(
        resolution=requested.resolution,
        ch=requested.ch,
        num_classes=requested.num_classes,
    )
    networks = build_networks(network)
    macs = {
        "generator": generator_macs(network),
        "discriminator": trunk_macs(network),
    }
    peak, found = peak_rate(precision, requested), {}
    for name, inputs in drawn_inputs(network, requested.batch_size).items():
        found[name] = {}
        calls = passes(name, getattr(networks, name), inputs)
        for kind, call in calls.items():
            seconds = median_seconds(call, requested.calls)
            rate = requested.batch_size / seconds
            times = GRADIENT_PASSES if kind == "gradient" else 1
            found[name][kind] = {
                "seconds": seconds,
                "images_per_second": rate,
                "rate_over_peak": 2 * macs[name] * times * rate / peak,
            }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--ch", type=int, default=96)
    parser.add_argument("--num_classes", type=int, default=149)
    parser.add_argument("--batch_size", type=int, default=32)
    parser.add_argument("--calls", type=int, default=5, help="timed calls")
    parser.add_argument("--product_side", type=int, default=4096)
    parser.add_argument("--json", action="store_true")
    requested = parser.parse_args()
    device = jax.devices()[0]
    results = {"device": f"{device.platform}: {device.device_kind}"}
    print(results["device"])
    for precision in MEASURED:
        results[precision] = measure(precision, requested)
        for name, kinds in results[precision].items():
            for kind, numbers in kinds.items():
                message = ", ".join(f"{k} {v:.3g}" for k, v in numbers.items())
                print(f"{precision} {name} {kind}: {message}", flush=True)
    if requested.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
