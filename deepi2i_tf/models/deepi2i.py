"""DeepI2I: the training step of arXiv 2011.05867.

One step, from (source x, target image y of class c_y):

    repeat `discriminator_steps` times:
        y_hat = G(z, c, A(Psi(x)))          z, c fresh; no gradient
        D <- D - Adam(grad L_D(y_hat, y))
    y_hat = G(z', c', A(Psi(x)))            z', c' fresh
    G, A, Psi <- - Adam(grad L_G(y_hat, x))

Encoder and adaptor do not change between the two phases, so with one
micro-batch their forward pass on x is made once and used in both; the
discriminator's phase then runs in the middle of the other tape, unrecorded.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.losses.regularizers import orthogonal_penalty
from deepi2i_tf.models.gradients import GradientSum
from deepi2i_tf.models.micro_batches import MicroBatch, cut_rounds
from deepi2i_tf.models.objective import Objective
from deepi2i_tf.models.stages import stage_at
from deepi2i_tf.models.translator import Translator
from deepi2i_tf.models.variables import variables_by_path
from deepi2i_tf.models.weight_average import WeightAverage
from deepi2i_tf.networks import Networks, spectral_layers

TRANSLATOR_NETWORKS = ("encoder", "adaptor", "generator")


class DeepI2I(keras.Model):
    """Four networks, four optimizers and the averages of the translator.

    Args:
        networks: built networks.
        averaged: a built translator of the same shape, for the averages.
        optimizers: a built optimizer per network name.
        config: the experiment.
        **kwargs: of `keras.Model`.

    Attributes:
        step: int64 variable, number of finished steps.
        stage: whose networks `train_step` trains; read when it is traced.

    Reference: arXiv 2011.05867.
    """

    def __init__(
        self,
        networks: Networks,
        averaged: Translator,
        optimizers: dict[str, keras.optimizers.Optimizer],
        config: Config,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.networks = dict(networks.items())
        self.discriminator = networks.discriminator
        self.translator = Translator(
            networks.encoder, networks.adaptor, networks.generator
        )
        self.averaged_translator = averaged
        self.optimizers = optimizers
        self.config = config
        self.stage = stage_at(
            config.training.stage, config.training.warmup_steps, 0
        )
        self.average = WeightAverage(
            self.translator, averaged, config.optimizer.average_decay
        )
        self.average.reset()
        training = config.training
        self.objective = Objective(
            config.objective, training.batch_size * training.num_accumulations
        )
        self.step = tf.Variable(
            0,
            dtype=tf.int64,
            trainable=False,
            name="step",
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict:
        """One step of the algorithm above, inside a replica.

        Args:
            batch: this replica's rows of the pipeline's dict.

        Returns:
            Scalars whose sum over replicas is the global value.
        """
        *early, last = cut_rounds(batch, self.step, self.config)
        for micros in early:
            self._update_discriminator(micros)
        if len(last) == 1:
            logs = self._update_both(last)
        else:
            logs = self._update_discriminator(last)
            logs |= self._update_translator(last)
        self.average.update(self.step)
        self.step.assign_add(1)
        return logs

    def checkpoint_items(self) -> dict[str, Any]:
        """Everything that moves, for `tf.train.Checkpoint`."""
        items = {
            name: variables_by_path(network.weights)
            for name, network in self.networks.items()
        }
        for name, optimizer in self.optimizers.items():
            items[f"{name}_optimizer"] = variables_by_path(optimizer.variables)
        items["averaged"] = variables_by_path(self.averaged_translator.weights)
        items["step"] = self.step
        return items

    def named_weights(self) -> list[tuple[str, keras.Variable]]:
        """Weights of the networks and averages by name, sorted by name."""
        named = [
            (f"{name}/{weight.path}", weight)
            for name, network in self.networks.items()
            for weight in network.weights
        ]
        averages = self.averaged_translator.weights
        named += [(f"averaged/{weight.path}", weight) for weight in averages]
        return sorted(named, key=lambda pair: pair[0])

    def sigmas(self) -> dict[str, keras.Variable]:
        """The last sigma of every spectral norm, by path."""
        layers = map(spectral_layers, self.networks.values())
        return {s.sigma.path: s.sigma for s in itertools.chain(*layers)}

    def _update_discriminator(
        self, micros: Sequence[MicroBatch], adapted=None
    ) -> dict:
        total = GradientSum()
        for micro in micros:
            features = adapted or self._adapt(micro.images["source"])
            total.add(*self._discriminator_gradients(micro, features))
        if "discriminator" in self.stage.trainable:
            self._apply("discriminator", total.gradients)
        return total.logs

    def _discriminator_gradients(self, micro: MicroBatch, adapted):
        z, labels = micro.discriminator
        fake = self._generate(z, adapted, labels)
        real, real_label = micro.images["target"], micro.images["target_label"]
        with tf.GradientTape() as tape:
            loss, logs = self.objective.discriminator_loss(
                self.discriminator, fake, labels, real, real_label
            )
        variables = self.discriminator.trainable_variables
        gradients = tape.gradient(loss, variables)
        if self.config.objective.r1 > 0.0:
            extra, logs["r1"] = self.objective.lazy_r1_gradients(
                self.discriminator, real, real_label, self.step
            )
            gradients = [a + b for a, b in zip(gradients, extra, strict=True)]
        return gradients, logs

    def _update_translator(self, micros: Sequence[MicroBatch]) -> dict:
        total = GradientSum()
        for micro in micros:
            total.add(*self._translator_gradients(micro))
        self._apply_translator(total.gradients)
        return total.logs

    def _update_both(self, micros: Sequence[MicroBatch]) -> dict:
        logs = {}

        def train_discriminator(adapted) -> None:
            logs.update(self._update_discriminator(micros, adapted))

        gradients, terms = self._translator_gradients(
            micros[0], train_discriminator
        )
        self._apply_translator(gradients)
        return logs | terms

    def _translator_gradients(
        self, micro: MicroBatch, in_between: Callable | None = None
    ):
        source, label = micro.images["source"], micro.images["source_label"]
        z, labels = micro.generator
        with tf.GradientTape() as tape:
            adapted = self._adapt(source)
            if in_between is not None:
                with tape.stop_recording():
                    in_between(adapted)
            fake = self._generate(z, adapted, labels)
            loss, logs = self.objective.generator_loss(
                self.discriminator, fake, labels, source, label
            )
            loss = loss + self._orthogonal()
        return tape.gradient(loss, self._translator_variables()), logs

    def _orthogonal(self):
        beta = self.config.objective.orthogonal
        if beta == 0.0:
            return 0.0
        penalty = orthogonal_penalty(
            layer.raw_weight
            for layer in spectral_layers(self.networks["generator"])
        )
        # Not a mean over images: shared out over replicas and micro-batches.
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        shares = replicas * self.config.training.num_accumulations
        return beta * penalty / shares

    def _adapt(self, source):
        features = self.networks["encoder"](
            source, training="encoder" in self.stage.trainable
        )
        return self.networks["adaptor"](
            features, training="adaptor" in self.stage.trainable
        )

    def _generate(self, z, adapted, labels):
        return self.networks["generator"](
            z,
            adapted=adapted,
            labels=labels,
            training="generator" in self.stage.trainable,
        )

    def _translator_names(self) -> list[str]:
        return [n for n in TRANSLATOR_NETWORKS if n in self.stage.trainable]

    def _translator_variables(self) -> list[list]:
        return [
            self.networks[name].trainable_variables
            for name in self._translator_names()
        ]

    def _apply_translator(self, gradients: list[list]) -> None:
        for name, values in zip(
            self._translator_names(), gradients, strict=True
        ):
            self._apply(name, values)

    def _apply(self, name: str, gradients) -> None:
        variables = self.networks[name].trainable_variables
        if variables:  # The identity adaptor has none.
            self.optimizers[name].apply(gradients, variables)
