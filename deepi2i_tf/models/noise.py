"""The random draws of a step.

They are a function of (seed, step, phase, example). Nothing has a state, so a
resumed run needs only its step. They are made for the global batch and cut by
replica: two replicas of two images see what one replica of four sees, and
never the same numbers as each other.
"""

import dataclasses
import zlib
from collections.abc import Callable

import tensorflow as tf

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.layers.image_augment import NUM_DRAWS
from deepi2i_tf.networks import z_length

GENERATOR_PHASE = 0
_AUGMENTATIONS = 1 << 21  # Added to a phase: its draws beside z and classes.


@dataclasses.dataclass(frozen=True)
class Stream:
    """What else a phase draws for each example.

    Args:
        name: the stream's; it makes its numbers others than those of any
            other stream.
        draw: `draw(shape, key)`, of `tf.random`.
        length: how many numbers of each example, by the configuration.
    """

    name: str
    draw: Callable
    length: Callable[[NetworkConfig], int]


MIX = Stream("mix", tf.random.stateless_uniform, lambda config: 1)
Z_BACK = Stream("z_back", tf.random.stateless_normal, z_length)
Z2 = Stream("z2", tf.random.stateless_normal, z_length)
EPSILON = Stream("epsilon", tf.random.stateless_normal, z_length)


def draw_stream(
    config: Config, step: tf.Tensor, phase: int, stream: Stream
) -> list[tf.Tensor]:
    """Draws a stream of one phase, for this replica.

    Args:
        config: the experiment.
        step: int64 scalar, finished steps.
        phase: number of the phase within the step.
        stream: which.

    Returns:
        Per micro-batch float32 (local rows, length).
    """
    micros = config.training.num_accumulations
    rows = config.training.batch_size * micros
    name = zlib.crc32(stream.name.encode()) & 0x7FFFFFFF
    key = tf.random.experimental.stateless_fold_in(
        phase_key(config, step, phase), name
    )
    drawn = stream.draw((rows, stream.length(config.network)), key)
    return [replica_rows(part) for part in tf.split(drawn, micros)]


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
