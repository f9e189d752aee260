"""Writes the run directory of a BigGAN, as `pretrain` and `convert` do."""

import dataclasses
import json

import numpy as np
import tensorflow as tf

from deepi2i_tf.config import Config, NetworkConfig, TrainingConfig
from deepi2i_tf.models import variables_by_path
from deepi2i_tf.networks import build_network
from deepi2i_tf.runs.checkpoints import Checkpoints

NETWORK = NetworkConfig(resolution=32, ch=2, dim_z=16, shared_dim=8)


def noisy(name, network, seed):
    """A built network of which no two weights are the same."""
    made = build_network(name, network)
    stream = np.random.default_rng(seed)
    for weight in made.weights:
        weight.assign(stream.uniform(0.1, 1.0, weight.shape))
    return made


def write_biggan(path, class_names, network=NETWORK, discriminator=True):
    """Returns generator average and discriminator as they were written."""
    network = dataclasses.replace(network, num_classes=len(class_names))
    made = {
        "generator": noisy("generator", network, 1),
        "averaged": noisy("generator", network, 2),
    }
    if discriminator:
        made["discriminator"] = noisy("discriminator", network, 3)
    items = {n: variables_by_path(m.weights) for n, m in made.items()}
    items["step"] = tf.Variable(70, dtype=tf.int64)
    Checkpoints(path / "checkpoints", items, 1).save(70, {})
    config = Config(network=network, training=TrainingConfig(stage="pretrain"))
    (path / "config.json").write_text(config.to_json())
    facts = {"class_names": list(class_names)}
    (path / "data.json").write_text(json.dumps(facts))
    return made["averaged"], made.get("discriminator")


def arrays(network):
    return {weight.path: weight.numpy() for weight in network.weights}
