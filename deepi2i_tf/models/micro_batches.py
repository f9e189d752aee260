"""Cuts a replica's batch into rounds of micro-batches, with their draws."""

import dataclasses

import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.models.noise import draw
from deepi2i_tf.networks import z_length

GENERATOR_PHASE = 0


@dataclasses.dataclass(frozen=True)
class MicroBatch:
    """This replica's part of one micro-batch, with both phases' draws.

    Args:
        images: the pipeline's dict, cut.
        discriminator: z and target classes of the discriminator's phase.
        generator: z and target classes of the generator's phase.
    """

    images: dict[str, tf.Tensor]
    discriminator: tuple[tf.Tensor, tf.Tensor]
    generator: tuple[tf.Tensor, tf.Tensor]


def cut_rounds(
    batch: dict[str, tf.Tensor], step: tf.Tensor, config: Config
) -> list[list[MicroBatch]]:
    """One list of micro-batches per discriminator update.

    Args:
        batch: this replica's rows of the pipeline's dict.
        step: int64 scalar, finished steps.
        config: the experiment.

    Returns:
        [`discriminator_steps`][`num_accumulations`] micro-batches.
    """
    training = config.training
    rounds, micros = training.discriminator_steps, training.num_accumulations
    parts = {
        key: tf.split(value, rounds * micros) for key, value in batch.items()
    }
    generator = _draws(step, config, GENERATOR_PHASE)
    cut = []
    for index in range(rounds):
        discriminator = _draws(step, config, 1 + index)
        cut.append([])
        for micro in range(micros):
            part = index * micros + micro
            images = {key: values[part] for key, values in parts.items()}
            cut[-1].append(
                MicroBatch(images, discriminator[micro], generator[micro])
            )
    return cut


def _draws(step: tf.Tensor, config: Config, phase: int) -> list[tuple]:
    training, network = config.training, config.network
    return draw(
        training.seed,
        step,
        phase,
        training.batch_size * training.num_accumulations,
        z_length(network),
        network.num_classes,
        training.num_accumulations,
    )
