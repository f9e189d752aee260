"""What DeepI2I and BigGAN share: two players, their step and their state.

One step, for the reals y of class c_y:

    repeat `discriminator_steps` times:
        y_hat = G(z, c, features)           z, c fresh; no gradient
        D <- D - Adam(grad L_D(y_hat, y))
    y_hat = G(z', c', features)             z', c' fresh
    the generating networks <- - Adam(grad L_G(y_hat))
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.layers.image_augment import augment
from deepi2i_tf.losses.group_spectral import group_spectral_penalty
from deepi2i_tf.losses.regularizers import orthogonal_penalty
from deepi2i_tf.models.loss_scaling import (
    loss_scale,
    scale_logs,
    scaled_gradients,
)
from deepi2i_tf.models.micro_batches import (
    GradientSum,
    MicroBatch,
    cut_rounds,
)
from deepi2i_tf.models.objective import Objective
from deepi2i_tf.models.ramps import ClassTransition
from deepi2i_tf.models.score_statistics import (
    AugmentProbability,
    ScoreAverages,
)
from deepi2i_tf.models.stages import stage_at
from deepi2i_tf.models.variables import variables_by_path
from deepi2i_tf.models.weight_average import WeightAverage
from deepi2i_tf.networks import spectral_layers


class AdversarialModel(keras.Model):
    """Discriminator and generating networks with all state of training.

    Args:
        networks: built networks by name, `discriminator` and `generator`
            among them.
        generating: the model that is averaged, made of them.
        averaged: a built model of the same shape, for the averages.
        optimizers: a built optimizer per network name.
        config: the experiment.
        **kwargs: of `keras.Model`.

    Attributes:
        step: int64 variable, number of finished steps.
        stage: whose networks `train_step` trains; read when it is traced.
        averaged: the averages, for samples and evaluations.
        skipped: steps whose draws rollbacks have passed over; read when
            `train_step` is traced.
        sides: names of the image streams that a step reads.
        generating_names: networks that the generator's loss trains.
    """

    sides: ClassVar[tuple[str, ...]]
    generating_names: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        networks: dict[str, keras.Model],
        generating: keras.Model,
        averaged: keras.Model,
        optimizers: dict[str, keras.optimizers.Optimizer],
        config: Config,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.networks = networks
        self.discriminator = networks["discriminator"]
        self.averaged = averaged
        self.optimizers = optimizers
        self.config = config
        self.stage = stage_at(config, 0)
        self.skipped = 0
        self.average = WeightAverage(
            generating, averaged, config.optimizer.average_decay
        )
        self.average.reset()
        self.step = tf.Variable(
            0,
            dtype=tf.int64,
            trainable=False,
            name="step",
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )
        self.transition = None
        if config.objective.transition[1] > 0:
            self.transition = ClassTransition(
                self.discriminator, self.step, config.objective.transition
            )
        training = config.training
        self.objective = Objective(
            config.objective,
            training.batch_size * training.num_accumulations,
            self.transition,
        )
        self.score_averages, self.augment_probability = _score_statistics(
            config, self.step
        )

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict:
        """One step of the algorithm above, inside a replica.

        Args:
            batch: this replica's rows of the pipeline's dict.

        Returns:
            Scalars whose sum over replicas is the global value.
        """
        # What rollbacks have passed over is never drawn again.
        drawn = self.step + self.skipped
        *early, last = cut_rounds(batch, drawn, self.config)
        last = self._pose_rows(last, drawn)
        for micros in early:
            self._update_discriminator(micros)
        logs = self._update_players(last)
        self.average.update(self.step)
        self.step.assign_add(1)
        return logs | scale_logs(self.optimizers)

    def checkpoint_items(self) -> dict[str, Any]:
        """Everything that moves, for `tf.train.Checkpoint`."""
        items = {
            name: variables_by_path(network.weights)
            for name, network in self.networks.items()
        }
        for name, optimizer in self.optimizers.items():
            items[f"{name}_optimizer"] = variables_by_path(optimizer.variables)
        items["averaged"] = variables_by_path(self.averaged.weights)
        items["step"] = self.step
        for name in ("score_averages", "augment_probability"):
            if (statistics := getattr(self, name)) is not None:
                items[name] = statistics.items()
        return items

    def named_weights(self) -> list[tuple[str, keras.Variable]]:
        """Weights of the networks and averages by name, sorted by name."""
        named = [
            (f"{name}/{weight.path}", weight)
            for name, network in self.networks.items()
            for weight in network.weights
        ]
        averages = self.averaged.weights
        named += [(f"averaged/{weight.path}", weight) for weight in averages]
        return sorted(named, key=lambda pair: pair[0])

    def learning_rates(self) -> dict[str, float]:
        """The rate of each network's optimizer, which a rollback may change."""
        return {
            # As short as it is written: 0.0001, not 0.00009999999747378752.
            name: float(str(np.float32(optimizer.learning_rate)))
            for name, optimizer in self.optimizers.items()
        }

    def scale_learning_rates(self, factor: float) -> None:
        """Gives each optimizer its configured rate times a factor."""
        for name, optimizer in self.optimizers.items():
            rate = getattr(self.config.optimizer, f"{name}_lr")
            optimizer.learning_rate = factor * rate

    def sigmas(self) -> dict[str, keras.Variable]:
        """The last sigma of every spectral norm, by path."""
        layers = map(spectral_layers, self.networks.values())
        return {s.sigma.path: s.sigma for s in itertools.chain(*layers)}

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
        if "discriminator" in self.stage.trainable:
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

    def _loss_scale(self, names: Iterable[str]) -> tf.Tensor | None:
        return loss_scale(self.optimizers[name] for name in names)

    def _apply_generating(self, gradients: list[list]) -> None:
        for name, values in zip(self._trained_names(), gradients, strict=True):
            self._apply(name, values)

    def _apply(self, name: str, gradients) -> None:
        variables = self.networks[name].trainable_variables
        if variables:  # The identity adaptor has none.
            self.optimizers[name].apply(gradients, variables)


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
