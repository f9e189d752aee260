"""Micro-batches: their images, their draws, the sum of their gradients."""

import contextlib
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.models.noise import (
    GENERATOR_PHASE,
    Stream,
    draw,
    draw_augmentations,
    draw_stream,
)


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
        streams: what else was drawn for each example of the discriminator's
            phase, by name.
    """

    images: dict[str, tf.Tensor]
    discriminator: tuple[tf.Tensor, tf.Tensor]
    generator: tuple[tf.Tensor, tf.Tensor]
    pairs: Any = None
    augments_discriminator: tf.Tensor | None = None
    augments_generator: tf.Tensor | None = None
    streams: Mapping[str, tf.Tensor] = dataclasses.field(default_factory=dict)


def cut_rounds(
    batch: dict[str, tf.Tensor],
    step: tf.Tensor,
    config: Config,
    streams: Sequence[Stream] = (),
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
        drawn = [draw_stream(config, step, 1 + index, s) for s in streams]
        cut.append([])
        for micro in range(micros):
            part = index * micros + micro
            cut[-1].append(
                MicroBatch(
                    {key: values[part] for key, values in parts.items()},
                    discriminator[micro],
                    generator[micro],
                    augments_discriminator=on_discriminator[micro],
                    augments_generator=on_generator[micro],
                    streams={
                        stream.name: rows[micro]
                        for stream, rows in zip(streams, drawn, strict=True)
                    },
                )
            )
    return cut


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
