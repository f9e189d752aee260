"""`--dry_run`: what a run would be, without data and without weights."""

import dataclasses
from collections.abc import Iterable, Mapping

import keras

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.models.stages import networks_of
from deepi2i_tf.networks import build_network, trainable_parameters
from deepi2i_tf.training.preflight.summary import (
    arithmetic_text,
    configuration_text,
    memory_here,
    parameter_table,
)


def describe(config: Config) -> str:
    """The resolved configuration and the parameter count of every network.

    Networks are built one at a time in a scope in which
    weights have shapes and no values: a second or two and no memory at any
    size.

    Args:
        config: the configuration. Where `num_classes` is 0, the data set
            decides it, and counts are told as a formula in it; memory is told
            for two classes, a thousand would add little.

    Returns:
        Text of several lines.
    """
    network, names = config.network, networks_of(config.training.stage)
    if network.num_classes:
        counts = count_parameters(network, names)
        table = parameter_table(counts)
    else:
        counts = count_parameters(_with_classes(network, 2), names)
        table = _table_by_classes(network, counts)
    replicas = config.training.num_replicas
    arithmetic = arithmetic_text(config.training, replicas, num_examples=0)
    memory = memory_here(config, counts, replicas)
    return "\n".join([configuration_text(config), table, arithmetic, memory])


def count_parameters(
    network: NetworkConfig, names: Iterable[str]
) -> dict[str, int]:
    """Trained parameters of each network.

    Args:
        network: the networks' shape; `num_classes` must be set.
        names: which networks.

    Returns:
        Counts by name of the network.
    """
    counts = {}
    for name in names:
        with keras.StatelessScope(initialize_variables=False):
            counts[name] = trainable_parameters(build_network(name, network))
    return counts


def _table_by_classes(network: NetworkConfig, two: Mapping[str, int]) -> str:
    """Counts are linear in the classes: those of two and three say how."""
    three = count_parameters(_with_classes(network, 3), two)
    lines = ["Trained parameters (the data set decides the classes):"]
    for name in two:
        slope = three[name] - two[name]
        base = two[name] - 2 * slope
        per_class = f" + {slope:,} x classes" if slope else ""
        lines.append(f"  {name:<14}{base:>14,}{per_class}")
    return "\n".join(lines)


def _with_classes(network: NetworkConfig, classes: int) -> NetworkConfig:
    return dataclasses.replace(network, num_classes=classes)
