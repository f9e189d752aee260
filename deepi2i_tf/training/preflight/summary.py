"""What a run will be, said before its first step."""

from collections.abc import Mapping

import tensorflow as tf

from deepi2i_tf.config import Config, TrainingConfig
from deepi2i_tf.training.preflight.available_memory import free_bytes, gpu_bytes
from deepi2i_tf.training.preflight.memory_estimate import memory_text


def parameter_table(counts: Mapping[str, int]) -> str:
    """Trained parameters of each network and their sum, as lines.

    Args:
        counts: number of trained parameters by network.

    Returns:
        For example `"generator      70,325,060"`, one line each.
    """
    rows = [*counts.items(), ("total", sum(counts.values()))]
    lines = [f"  {name:<14}{count:>14,}" for name, count in rows]
    return "\n".join(["Trained parameters:", *lines])


def arithmetic_text(
    training: TrainingConfig, num_replicas: int, num_examples: int
) -> str:
    """One line that says how a step comes about.

    Args:
        training: batch sizes and steps.
        num_replicas: replicas in synchrony; 0 for not known yet.
        num_examples: training images; 0 for not known yet.

    Returns:
        Global batch, share of a replica, micro-batches, steps of an epoch.
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
        share = training.batch_size // num_replicas
        parts.append(f"{num_replicas} replica(s) x {share}")
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

    Returns:
        One line; see `memory_text`.
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
    """The resolved configuration as flags, a group for each section.

    Args:
        config: the configuration.

    Returns:
        Lines such as `"  --ch=96"` under `"network:"`.
    """
    lines = []
    for section, fields in config.to_dict().items():
        lines.append(f"{section}:")
        for name, value in fields.items():
            if isinstance(value, tuple):
                value = ",".join(map(str, value))
            lines.append(f"  --{name}={value}")
    return "\n".join(lines)
