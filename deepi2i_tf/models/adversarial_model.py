"""What DeepI2I and BigGAN share: two players and their step.

One step, for the reals y of class c_y:

    repeat `discriminator_steps` times:
        y_hat = G(z, c, features)           z, c fresh; no gradient
        D <- D - Adam(grad L_D(y_hat, y))
    y_hat = G(z', c', features)             z', c' fresh
    the generating networks <- - Adam(grad L_G(y_hat))
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.layers.image_augment import augment
from deepi2i_tf.losses.group_spectral import group_spectral_penalty
from deepi2i_tf.losses.regularizers import orthogonal_penalty
from deepi2i_tf.models.loss_scaling import scaled_gradients
from deepi2i_tf.models.micro_batches import GradientSum, MicroBatch
from deepi2i_tf.models.objective import Objective
from deepi2i_tf.models.ramps import ClassTransition
from deepi2i_tf.models.score_statistics import (
    AugmentProbability,
    ScoreAverages,
)
from deepi2i_tf.models.trained_model import TrainedModel
from deepi2i_tf.networks import spectral_layers


class AdversarialModel(TrainedModel):
    """A discriminator that is given the class, and networks that generate."""

    family = "deepi2i"

    def __init__(self, config: Config, num_classes=None, **kwargs) -> None:
        super().__init__(config, num_classes, **kwargs)
        self.transition = self._make_transition()
        self.objective = self.make_objective()
        self.score_averages, self.augment_probability = _score_statistics(
            self.config, self.step
        )

    def _make_transition(self) -> ClassTransition | None:
        bounds = self.config.objective.transition
        if bounds[1] == 0:
            return None
        return ClassTransition(self.discriminator, self.step, bounds)

    def make_objective(self) -> Objective:
        """The losses; a subclass may have others."""
        return Objective(
            self.config.objective, self.global_rows, self.transition
        )

    def adapted(self, images) -> dict | None:
        """What generating takes of sources, at inference; None of no use."""
        return None

    def generated(self, adapted: dict | None, z, labels):
        """Images of the networks as they are, at inference."""
        return self.networks["generator"](z, adapted=adapted, labels=labels)

    def class_rows(self, labels) -> list:
        """What classes set in the generator, (classes, numbers) each."""
        return self.networks["generator"].class_rows(labels)

    def scores(self, images, labels):
        """The discriminator's opinion of images, (batch, 1), at inference."""
        return self.discriminator(images, labels)[0]

    def _train(
        self, rounds: list[list[MicroBatch]], drawn: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        *early, last = rounds
        last = self._pose_rows(last, drawn)
        for micros in early:
            self._update_discriminator(micros)
        return self._update_players(last)

    def _statistics(self) -> dict[str, Any]:
        names = ("score_averages", "augment_probability")
        found = {name: getattr(self, name) for name in names}
        return {name: each for name, each in found.items() if each is not None}

    def _pose_rows(
        self, micros: list[MicroBatch], step: tf.Tensor
    ) -> list[MicroBatch]:
        """The generator's micro-batches, arranged for losses of the pose."""
        return micros

    def _features(self, images: dict[str, tf.Tensor]):
        """What is injected into the generator."""
        raise NotImplementedError

    def _generating_gradients(self, micro: MicroBatch) -> tuple[list, dict]:
        """A list of gradients for each of `_trained_names`; the losses."""
        raise NotImplementedError

    def _update_players(self, micros: Sequence[MicroBatch]) -> dict:
        """The last discriminator update and that of what generates."""
        logs = self._update_discriminator(micros)
        return logs | self._update_generating(micros)

    def _update_discriminator(
        self, micros: Sequence[MicroBatch], adapted=None
    ) -> dict:
        total = GradientSum()
        for micro in micros:
            with total.turn():
                features = adapted or self._features(micro.images)
                total.add(*self._discriminator_gradients(micro, features))
        self._apply("discriminator", total.gradients)
        for statistics in (self.score_averages, self.augment_probability):
            if statistics is not None:
                statistics.update(total.logs)
        return total.logs

    def _discriminator_gradients(self, micro: MicroBatch, adapted):
        z, labels = micro.discriminator
        fake = self._generate(z, adapted, labels)
        real, real_label = micro.images["target"], micro.images["target_label"]
        draws = micro.augments_discriminator
        seen = None if draws is None else draws[: 2 * real.shape[0]]
        with tf.GradientTape() as tape:
            loss, logs = self.objective.discriminator_loss(
                self._scorer(seen),
                (fake, labels),
                (real, real_label),
                self.score_averages,
            )
            if self.config.objective.consistency > 0.0:
                loss = loss + self._consistency(micro, logs)
        scale = self._loss_scale(["discriminator"])
        variables = self.discriminator.trainable_variables
        gradients = scaled_gradients(tape, loss, variables, scale)
        if self.config.objective.r1 > 0.0:
            if draws is not None:
                real = self._augment(real, tf.split(draws, 3)[1])
            extra, logs["r1"] = self.objective.lazy_r1_gradients(
                self.discriminator, real, real_label, self.step, scale
            )
            gradients = [a + b for a, b in zip(gradients, extra, strict=True)]
        return gradients, logs

    def _update_generating(self, micros: Sequence[MicroBatch]) -> dict:
        total = GradientSum()
        for micro in micros:
            with total.turn():
                total.add(*self._generating_gradients(micro))
        self._apply_generating(total.gradients)
        return total.logs

    def _weight_penalties(self):
        """What the generator's weights cost by themselves."""
        config, penalty = self.config.objective, 0.0
        generator = self.networks["generator"]
        if config.orthogonal > 0.0:
            penalty += config.orthogonal * orthogonal_penalty(
                layer.raw_weight for layer in spectral_layers(generator)
            )
        if config.group_spectral > 0.0:
            labels = np.arange(self.config.network.num_classes)
            penalty += config.group_spectral * group_spectral_penalty(
                generator.class_rows(labels)
            )
        # Not a mean over images: shared out over replicas and micro-batches.
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        return penalty / (replicas * self.config.training.num_accumulations)

    def _generate(self, z, adapted, labels):
        generator, condition = self.networks["generator"], {"labels": labels}
        if self.transition is not None:
            embedding = generator.embed(labels)
            amount = tf.cast(self.transition.amount, embedding.dtype)
            condition = {"embedding": amount * embedding}
        return generator(
            z,
            adapted=adapted,
            **condition,
            training="generator" in self.stage.trainable,
        )

    def _discriminate(self, images, labels, training: bool):
        """The discriminator; of a frozen one not even a state moves."""
        trains = "discriminator" in self.stage.trainable
        return self.discriminator(images, labels, training=training and trains)

    def _scorer(self, draws: tf.Tensor | None) -> Callable:
        """The discriminator, which sees its images augmented by `draws`."""
        if draws is None:
            return self._discriminate

        def scorer(images, labels, training: bool):
            images = self._augment(images, draws)
            return self._discriminate(images, labels, training)

        return scorer

    def _augment(self, images, draws: tf.Tensor):
        adaptive = self.augment_probability
        probability = 1.0 if adaptive is None else adaptive.value
        kinds = self.config.objective.augment
        return augment(images, draws, kinds, probability)

    def _consistency(self, micro: MicroBatch, logs: dict) -> tf.Tensor:
        config = self.config.objective
        real = micro.images["target"]
        draws = tf.split(micro.augments_discriminator, 3)[2]
        changed = augment(real, draws, config.augment or ("translation",))
        logs["consistency"] = self.objective.consistency(
            self._discriminate, changed, real, micro.images["target_label"]
        )
        return config.consistency * logs["consistency"]

    def _trained_names(self) -> list[str]:
        return [n for n in self.generating_names if n in self.stage.trainable]

    def _generating_gradients_of(self, tape: tf.GradientTape, loss) -> list:
        """Gradients of each trained network that generates."""
        names = self._trained_names()
        variables = [self.networks[n].trainable_variables for n in names]
        scale = self._loss_scale(names)
        return scaled_gradients(tape, loss, variables, scale)

    def _apply_generating(self, gradients: list[list]) -> None:
        for name, values in zip(self._trained_names(), gradients, strict=True):
            self._apply(name, values)


def _score_statistics(
    config: Config, step: tf.Variable
) -> tuple[ScoreAverages | None, AugmentProbability | None]:
    """What the flags keep of the scores."""
    objective, averages, probability = config.objective, None, None
    if objective.lecam > 0.0:
        averages = ScoreAverages(step, objective.lecam_from)
    if objective.augment_target > 0.0:
        rows = config.training.batch_size * config.training.num_accumulations
        probability = AugmentProbability(
            step, objective.augment_target, objective.augment_kimg, rows
        )
    return averages, probability
