"""Run by backends_test in a process of its own: the networks on JAX.

Prints one JSON object: the errors of every output, and which of the other
backends' packages were loaded.
"""

import json
import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import keras  # noqa: E402

from deepi2i_tf.networks import build_networks  # noqa: E402
from tests.parity import drawn_weights, golden  # noqa: E402


def main():
    networks = build_networks(drawn_weights.CONFIG)
    errors = {}
    for training in (False, True):
        errors |= golden.forward(networks, training)
    loaded = sorted({"tensorflow", "torch"} & set(sys.modules))
    backend = keras.backend.backend()
    print(json.dumps({"backend": backend, "loaded": loaded, "errors": errors}))


if __name__ == "__main__":
    main()
