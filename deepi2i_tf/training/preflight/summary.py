"""What a run will be, said before its first step or by `--dry_run`."""

import dataclasses
from collections.abc import Iterable, Mapping

import keras
import tensorflow as tf

from deepi2i_tf.config import Config, NetworkConfig, TrainingConfig
from deepi2i_tf.networks import (
    build_network,
    networks_of,
    trainable_parameters,
)
from deepi2i_tf.training.preflight.available_memory import free_bytes, gpu_bytes
from deepi2i_tf.training.preflight.memory_estimate import memory_text


def describe(config: Config) -> str:
    """The resolved configuration and the parameter count of every network.

    Networks are built one at a time in a scope in which
    weights have shapes and no values: a second or two and no memory at any
    size.

    Args:
        config: the configuration. Where `num_classes` is 0, the data set
            decides it, and counts are told as a formula in it; memory is told
            for two classes, a thousand would add little.
    """
    network, names = config.network, networks_of(config)
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


def model_text(
    config: Config,
    networks: Mapping[str, keras.Model],
    num_replicas: int,
    num_examples: int,
) -> str:
    """What is said of built networks before their first step."""
    counts = {
        name: trainable_parameters(network)
        for name, network in networks.items()
    }
    arithmetic = arithmetic_text(config.training, num_replicas, num_examples)
    memory = memory_here(config, counts, num_replicas)
    return "\n".join([parameter_table(counts), arithmetic, memory])


def count_parameters(
    network: NetworkConfig, names: Iterable[str]
) -> dict[str, int]:
    """Trained parameters of each network; `num_classes` must be set."""
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


def parameter_table(counts: Mapping[str, int]) -> str:
    """Trained parameters of each network and their sum, a line each."""
    rows = [*counts.items(), ("total", sum(counts.values()))]
    lines = [f"  {name:<14}{count:>14,}" for name, count in rows]
    return "\n".join(["Trained parameters:", *lines])


def arithmetic_text(
    training: TrainingConfig, num_replicas: int, num_examples: int
) -> str:
    """Global batch, share of a replica, micro-batches, steps of an epoch.

    Args:
        training: batch sizes and steps.
        num_replicas: replicas in synchrony; 0 for not known yet.
        num_examples: training images; 0 for not known yet.
    """
    effective = training.batch_size * training.num_accumulations
    parts = [
        f"One step: {effective} images = {training.num_accumulations} "
        f"micro-batches x {training.batch_size}"
    ]
    if training.discriminator_steps > 1:
        parts.append(
            f"{training.discriminator_steps} discriminator updates, each with "
            f"its own ({training.images_per_step} in all)"
        )
    if num_replicas:
        per_replica = training.batch_size // num_replicas
        parts.append(f"{num_replicas} replica(s) x {per_replica}")
    if num_examples:
        epoch = num_examples / training.images_per_step
        parts.append(
            f"an epoch of {num_examples:,} images = {epoch:,.1f} steps; "
            f"{training.steps:,} steps = {training.steps / epoch:,.1f} epochs"
        )
    return "; ".join(parts) + "."


def memory_here(
    config: Config, counts: Mapping[str, int], num_replicas: int
) -> str:
    """What a step will take of this machine's memory, and whether it has it.

    Args:
        config: the run.
        counts: trained parameters of each network of the run.
        num_replicas: replicas in synchrony; 0 for as many as there are GPUs.
    """
    gpus = len(tf.config.list_physical_devices("GPU"))
    return memory_text(
        config,
        counts,
        num_replicas or gpus or 1,
        on_gpu=bool(gpus),
        free=gpu_bytes() if gpus else free_bytes(),
    )


def configuration_text(config: Config) -> str:
    """The resolved configuration as flags, a group for each section."""
    lines = []
    for section, fields in config.to_dict().items():
        lines.append(f"{section}:")
        for name, value in fields.items():
            if isinstance(value, tuple):
                value = ",".join(map(str, value))
            lines.append(f"  --{name}={value}")
    return "\n".join(lines)
