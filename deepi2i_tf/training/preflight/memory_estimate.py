"""Estimate of the memory that a step takes, before the first one.

    peak = program + weights + gradients + images x maps

by arithmetic on the configuration alone. Weights are exact: each network's,
its optimizer's slots, and the averages. Gradients are one float32 buffer of
each trained weight, and one more where micro-batches are summed; what half
precision narrows comes and goes with its layer. Every micro-batch adds its part
of the graph to the program, so that too small ones save nothing. Maps are
`networks/activations.py`'s, at the fullest moment of a step. Held against
measurements in `tests/benchmarks/memory_estimate.py`.

On a GPU the same numbers hold for the share of one, without what convolutions
borrow for faster algorithms; with XLA, which merges layers, it is less.
"""

import dataclasses
from collections.abc import Mapping

from deepi2i_tf.config import Config
from deepi2i_tf.models.stages import stages
from deepi2i_tf.networks import family_of
from deepi2i_tf.networks.activations import FLOAT32

# Python, TensorFlow, Keras and TFDS, and the traced graph of a step.
PROGRAM = 930_000_000
# The graph is traced anew for every micro-batch, the deeper the larger.
GRAPH_OF_A_BLOCK = 60_000_000
# What a GPU's driver and libraries keep for themselves; not measured here.
GPU_PROGRAM = 600_000_000
GIGA = 1e9


@dataclasses.dataclass(frozen=True)
class MemoryEstimate:
    """Bytes at the peak of a step, of a process or of one GPU.

    Args:
        program: what is there before anything is built.
        weights: weights, averages and optimizer slots.
        gradients: buffers of the size of the weights while they are updated.
        activations: maps of `images` images.
        images: images of one micro-batch.
    """

    program: int
    weights: int
    gradients: int
    activations: int
    images: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.program + self.weights + self.gradients + self.activations


def estimate_memory(
    config: Config,
    counts: Mapping[str, int],
    replicas: int = 1,
    on_gpu: bool = False,
) -> MemoryEstimate:
    """Estimates the memory at the peak of a step.

    Args:
        config: the run.
        counts: trained parameters of each network of the run.
        replicas: replicas that share a micro-batch.
        on_gpu: of one GPU, which holds one replica; else of the process,
            which holds all of them.
    """
    per_replica = -(-config.training.batch_size // replicas)
    local_replicas = 1 if on_gpu else replicas
    images = per_replica * local_replicas
    family = family_of(config.network)
    return MemoryEstimate(
        program=GPU_PROGRAM if on_gpu else _program(config),
        weights=_weights(config, counts) * local_replicas,
        gradients=_gradients(config, counts) * local_replicas,
        activations=images
        * max(
            family.activations(config, stage.trainable)
            for stage in stages(config)
        ),
        images=images,
    )


def _program(config: Config) -> int:
    further = config.training.num_accumulations - 1
    blocks = (config.network.resolution // 4).bit_length() - 1
    return PROGRAM + further * blocks * GRAPH_OF_A_BLOCK


def _weights(config: Config, counts: Mapping[str, int]) -> int:
    # Adam keeps no first moment that is the gradient; see `models/adam.py`.
    slots = 2 if config.optimizer.beta_1 > 0.0 else 1
    averaged = family_of(config.network).translating
    return FLOAT32 * sum(
        count * (1 + slots + (name in averaged))
        for name, count in counts.items()
    )


def _gradients(config: Config, counts: Mapping[str, int]) -> int:
    summed = FLOAT32 if config.training.num_accumulations > 1 else 0
    trained = max(
        sum(counts[name] for name in stage.trainable if name in counts)
        for stage in stages(config)
    )
    return trained * (FLOAT32 + summed)


def memory_text(
    config: Config,
    counts: Mapping[str, int],
    replicas: int = 1,
    on_gpu: bool = False,
    free: int | None = None,
) -> str:
    """What a step will take, and how to take less where that is too much.

    Args:
        config: the run.
        counts: trained parameters of each network of the run.
        replicas: replicas that share a micro-batch.
        on_gpu: of one GPU; else of the process.
        free: bytes that may be used in all; None for not known.
    """
    estimate = estimate_memory(config, counts, replicas, on_gpu)
    where = " of each GPU" if on_gpu else ""
    text = (
        f"Memory{where}: about {_gigabytes(estimate.total)} at the peak of a "
        f"step (program {_gigabytes(estimate.program)}; weights, averages and "
        f"optimizer slots {_gigabytes(estimate.weights)}; gradients "
        f"{_gigabytes(estimate.gradients)}; activations of {estimate.images} "
        f"image(s) {_gigabytes(estimate.activations)})"
    )
    if free is None:
        return f"{text}."
    there = "there are" if on_gpu else "free are"
    text = f"{text}; {there} {_gigabytes(free)}."
    if estimate.total <= free:
        return text
    return f"{text} {_advice(config, counts, replicas, on_gpu, free)}"


def _advice(
    config: Config,
    counts: Mapping[str, int],
    replicas: int,
    on_gpu: bool,
    free: int,
) -> str:
    """The largest micro-batch that fits, the images of a step unchanged."""
    training = config.training
    images = training.batch_size * training.num_accumulations
    needed = {}
    for size in range(training.batch_size, 0, -replicas):
        if images % size:
            continue
        cut = dataclasses.replace(
            training, batch_size=size, num_accumulations=images // size
        )
        changed = dataclasses.replace(config, training=cut)
        estimate = estimate_memory(changed, counts, replicas, on_gpu)
        needed[size] = estimate.total
        if needed[size] <= free:
            break
    size = min(needed, key=needed.get)
    if size == training.batch_size:
        return "It may not fit: a lower --ch or --resolution would need less."
    flags = (
        f"--batch_size={size} --num_accumulations={images // size} would need "
        f"about {_gigabytes(needed[size])}"
    )
    if needed[size] <= free:
        return f"It may not fit: {flags}, with as many images in a step."
    return (
        f"It may not fit: even {flags}; a lower --ch or --resolution would "
        "need less."
    )


def _gigabytes(count: int) -> str:
    return f"{count / GIGA:.1f} GB"
