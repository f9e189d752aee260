"""Run by pipeline_test in a process of its own: two logical CPUs.

Usage: python two_replicas.py PREPARED_DIR; prints one JSON object.
"""

import json
import sys

import tensorflow as tf

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data import find_prepared, training_batches


def main(path):
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * 2
    )
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    dataset = training_batches(
        find_prepared(path, "creatures", 8), DataConfig(), 4, seed=0
    )
    plain = [batch["source"].numpy() for batch in dataset.take(3)]
    parts = []
    batches = iter(strategy.experimental_distribute_dataset(dataset))
    for _ in plain:
        batch = next(batches)
        values = strategy.experimental_local_results(batch["source"])
        parts.append([value.numpy().tolist() for value in values])
    print(json.dumps({"plain": [b.tolist() for b in plain], "parts": parts}))


if __name__ == "__main__":
    main(sys.argv[1])
