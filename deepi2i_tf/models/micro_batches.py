"""Micro-batches: their images, their random draws, the sum of their gradients.

Draws are a function of (seed, step, phase, example). Nothing has a state, so a
resumed run needs only its step. They are made for the global batch and cut by
replica: two replicas of two images see what one replica of four sees, and
never the same numbers as each other.
"""

import contextlib
import dataclasses
from typing import Any

import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.layers.image_augment import NUM_DRAWS
from deepi2i_tf.networks import z_length

GENERATOR_PHASE = 0
_AUGMENTATIONS = 1 << 21  # Added to a phase: its draws beside z and classes.


@dataclasses.dataclass(frozen=True)
class MicroBatch:
    """This replica's part of one micro-batch, with both phases' draws.

    Args:
        images: the pipeline's dict, cut.
        discriminator: z and target classes of the discriminator's phase.
        generator: z and target classes of the generator's phase.
        pairs: `posed_pairs.PosedPairs`, where some are posed.
        augments_discriminator: random numbers of DiffAugment, where it is on,
            for fakes, for reals, and for reals of the consistency, of the
            discriminator's phase, (3 rows, `NUM_DRAWS`).
        augments_generator: for sources and for their translations, which
            share them: eq. 3 would compare shifts otherwise; (rows,
            `NUM_DRAWS`).
    """

    images: dict[str, tf.Tensor]
    discriminator: tuple[tf.Tensor, tf.Tensor]
    generator: tuple[tf.Tensor, tf.Tensor]
    pairs: Any = None
    augments_discriminator: tf.Tensor | None = None
    augments_generator: tf.Tensor | None = None


def cut_rounds(
    batch: dict[str, tf.Tensor], step: tf.Tensor, config: Config
) -> list[list[MicroBatch]]:
    """One list of micro-batches per discriminator update.

    Returns:
        [`discriminator_steps`][`num_accumulations`] micro-batches.
    """
    training = config.training
    rounds, micros = training.discriminator_steps, training.num_accumulations
    parts = {
        key: tf.split(value, rounds * micros) for key, value in batch.items()
    }
    generator = draw(config, step, GENERATOR_PHASE)
    on_generator = draw_augmentations(config, step, GENERATOR_PHASE, 1)
    cut = []
    for index in range(rounds):
        discriminator = draw(config, step, 1 + index)
        on_discriminator = draw_augmentations(config, step, 1 + index, 3)
        cut.append([])
        for micro in range(micros):
            part = index * micros + micro
            images = {key: values[part] for key, values in parts.items()}
            cut[-1].append(
                MicroBatch(
                    images,
                    discriminator[micro],
                    generator[micro],
                    augments_discriminator=on_discriminator[micro],
                    augments_generator=on_generator[micro],
                )
            )
    return cut


def draw(
    config: Config, step: tf.Tensor, phase: int
) -> list[tuple[tf.Tensor, tf.Tensor]]:
    """Draws z and target classes of one phase, for this replica.

    Micro-batches are cut before replicas, as the images are: example for
    example, k micro-batches of b images see what one batch of k b sees.

    Args:
        config: the experiment; classes are drawn uniformly.
        step: int64 scalar, finished steps.
        phase: number of the phase within the step.

    Returns:
        Per micro-batch z float32 (local rows, z length), standard normal, and
        labels int32 (local rows,).
    """
    training, network = config.training, config.network
    micros = training.num_accumulations
    rows = training.batch_size * micros
    key = phase_key(config, step, phase)
    z_key, class_key = tf.unstack(tf.random.split(key, 2))
    z = tf.random.stateless_normal((rows, z_length(network)), z_key)
    labels = tf.random.stateless_uniform(
        (rows,), class_key, maxval=network.num_classes, dtype=tf.int32
    )
    parts = zip(tf.split(z, micros), tf.split(labels, micros), strict=True)
    return [(replica_rows(z), replica_rows(c)) for z, c in parts]


def draw_augmentations(
    config: Config, step: tf.Tensor, phase: int, sides: int
) -> list[tf.Tensor | None]:
    """Draws the random numbers of DiffAugment for one phase.

    Args:
        config: the experiment.
        step: int64 scalar, finished steps.
        phase: number of the phase within the step.
        sides: how many images of a row have numbers of their own.

    Returns:
        Per micro-batch float32 (sides * local rows, `NUM_DRAWS`), uniform in
        [0, 1), side by side; None without augmentation.
    """
    training = config.training
    if not (config.objective.augment or config.objective.consistency):
        return [None] * training.num_accumulations
    shape = (training.num_accumulations, sides, training.batch_size, NUM_DRAWS)
    key = phase_key(config, step, _AUGMENTATIONS + phase)
    drawn = tf.random.stateless_uniform(shape, key)
    return [
        tf.concat([replica_rows(rows) for rows in tf.unstack(micro)], axis=0)
        for micro in tf.unstack(drawn)
    ]


def phase_key(config: Config, step: tf.Tensor, phase: int) -> tf.Tensor:
    """Key of the random draws of one phase of a step."""
    seed = tf.cast(config.training.seed, tf.int64)
    key = tf.stack([seed, tf.cast(step, tf.int64)])
    return tf.random.experimental.stateless_fold_in(key, phase)


def replica_rows(values: tf.Tensor) -> tf.Tensor:
    """This replica's rows of values drawn for the global batch."""
    context = tf.distribute.get_replica_context()
    rows = values.shape[0] // context.num_replicas_in_sync
    start = context.replica_id_in_sync_group * rows
    return values[start : start + rows]


class GradientSum:
    """Adds up what several micro-batches give.

    Attributes:
        gradients: (nested) list of the summed gradients.
        logs: the summed logs.
    """

    def __init__(self) -> None:
        self.gradients = None
        self.logs = {}

    def turn(self) -> contextlib.AbstractContextManager:
        """A context whose operations begin when all so far is summed.

        TensorFlow begins whatever has its inputs: without it all micro-batches
        at once, with the maps of all of them in memory, which is what cutting
        a batch is to save.
        """
        if tf.executing_eagerly() or self.gradients is None:
            return contextlib.nullcontext()
        with tf.control_dependencies(tf.nest.flatten(self.gradients)):
            summed = tf.no_op()
        return tf.control_dependencies([summed])

    def add(self, gradients: list, logs: dict[str, tf.Tensor]) -> None:
        """Adds one micro-batch."""
        if self.gradients is None:
            self.gradients, self.logs = gradients, dict(logs)
            return
        self.gradients = tf.nest.map_structure(
            tf.add, self.gradients, gradients
        )
        self.logs = {key: self.logs[key] + logs[key] for key in logs}
