"""What DeepI2I and BigGAN share: two players, their step and their state.

One step, for the reals y of class c_y:

    repeat `discriminator_steps` times:
        y_hat = G(z, c, features)           z, c fresh; no gradient
        D <- D - Adam(grad L_D(y_hat, y))
    y_hat = G(z', c', features)             z', c' fresh
    the generating networks <- - Adam(grad L_G(y_hat))
"""

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

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
from deepi2i_tf.models.multi_optimizer_model import MultiOptimizerModel
from deepi2i_tf.models.objective import Objective
from deepi2i_tf.models.ramps import ClassTransition
from deepi2i_tf.models.score_statistics import (
    AugmentProbability,
    ScoreAverages,
)
from deepi2i_tf.models.stages import stage_at
from deepi2i_tf.models.translator import FORMAT, require_format
from deepi2i_tf.models.variables import variables_by_path
from deepi2i_tf.models.weight_average import WeightAverage
from deepi2i_tf.networks import (
    build_initialized,
    build_network,
    family_of,
    networks_of,
    spectral_layers,
)
from deepi2i_tf.networks.configured_network import plain
from deepi2i_tf.utils.backend import dtype_policy
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import CROP, Fit


class AdversarialModel(MultiOptimizerModel):
    """Discriminator and generating networks with all state of training.

    Make it in the scope of the strategy that trains it. Its layers have the
    dtype policy of the configuration, whatever the process' is.

    Args:
        config: the experiment.
        num_classes: classes, where the configuration leaves them open.
        networks: built networks by name, in place of the configuration's.
            `from_config(get_config())` of each makes another for the averages.
        averaged: a built model of the shape of what generates, in place of
            one that is made so.
        **kwargs: of `keras.Model`.

    Attributes:
        step: int64 variable, number of finished steps.
        stage: whose networks `train_step` trains; read when it is traced.
        averaged: the averages, for samples and evaluations.
        skipped: steps whose draws rollbacks have passed over; read when
            `train_step` is traced.
        class_names: names in the order of the class numbers, once known.
        initialised: networks have started from `init_from`.
        sides: names of the image streams that a step reads.
    """

    sides: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        config: Config,
        num_classes: int | None = None,
        networks: Mapping[str, keras.Model] | None = None,
        averaged: keras.Model | None = None,
        **kwargs,
    ) -> None:
        config = with_num_classes(config, num_classes)
        self._require_stage(config)
        with dtype_policy(config.training.mixed_precision):
            super().__init__(**kwargs)
            self.config = config
            self._handed_in = tuple(networks or ())
            self.class_names, self.photo_fit = (), CROP
            self.networks = _all_networks(config, networks or {})
            generating = self._make_generating()
            self.averaged = averaged or self._make_averaged()
        self.discriminator = self.networks["discriminator"]
        self.optimizers = {}
        self.stage = stage_at(config, 0)
        self.skipped = 0
        self.initialised = False
        self.average = WeightAverage(
            generating, self.averaged, config.optimizer.average_decay
        )
        self.average.reset()
        self.step = tf.Variable(
            0,
            dtype=tf.int64,
            trainable=False,
            name="step",
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )
        self.transition = self._make_transition()
        self.objective = self.make_objective()
        self.score_averages, self.augment_probability = _score_statistics(
            config, self.step
        )
        self.built = True

    def _make_transition(self) -> ClassTransition | None:
        bounds = self.config.objective.transition
        if bounds[1] == 0:
            return None
        return ClassTransition(self.discriminator, self.step, bounds)

    def make_objective(self) -> Objective:
        """The losses; a subclass may have others."""
        training = self.config.training
        rows = training.batch_size * training.num_accumulations
        return Objective(self.config.objective, rows, self.transition)

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
            items[f"{name}_optimizer"] = _slots(name, optimizer)
        items["averaged"] = variables_by_path(self.averaged.weights)
        items["step"] = self.step
        for name in ("score_averages", "augment_probability"):
            if (statistics := getattr(self, name)) is not None:
                items[name] = statistics.items()
        return items

    def save_own_variables(self, store) -> None:
        """Stores what belongs to no network and no optimizer."""
        for name, variable in self._own_variables().items():
            store[name] = variable.numpy()

    def load_own_variables(self, store) -> None:
        """Takes what `save_own_variables` stored."""
        for name, variable in self._own_variables().items():
            variable.assign(np.asarray(store[name]))
        if self.train_function is not None:
            self.train_function.restart()

    def get_config(self) -> dict[str, Any]:
        """Plain values that `from_config` makes another such model of."""
        return {
            "format": FORMAT,
            "name": self.name,
            "config": plain(self.config.to_dict()),
            "networks": {
                name: keras.saving.serialize_keras_object(self.networks[name])
                for name in self._handed_in
            },
            "class_names": list(self.class_names),
            "photo_fit": plain(self.photo_fit.to_dict()),
        }

    @classmethod
    def from_config(cls, config, custom_objects=None) -> Self:
        """A model with the initial weights of its seed.

        Raises:
            UserError: the values are another version's.
        """
        values = dict(config)
        require_format(values.pop("format", None))
        try:
            experiment = Config.from_dict(values.pop("config"))
        except (TypeError, ValueError) as error:
            raise UserError(
                "Expected a model file of this version. Received: a "
                f"configuration that fails at {error}. Load it with the "
                "version of deepi2i_tf that wrote it."
            ) from error
        networks = {
            name: keras.saving.deserialize_keras_object(
                network, custom_objects=custom_objects
            )
            for name, network in values.pop("networks").items()
        }
        class_names = values.pop("class_names")
        fit = Fit.from_dict(values.pop("photo_fit"))
        model = cls(experiment, networks=networks, **values)
        model.describe_data(class_names, fit)
        return model

    def describe_data(self, class_names: Iterable[str], fit: Fit) -> None:
        """Tells what is known of the data beside the number of classes.

        Args:
            class_names: names in the order of the class numbers.
            fit: how photos became squares.

        Raises:
            UserError: other classes than the model has.
        """
        class_names = tuple(class_names)
        expected = self.config.network.num_classes
        if class_names and len(class_names) != expected:
            raise UserError(
                f"Expected data of {expected} classes. Received: "
                f"{len(class_names)} ({', '.join(class_names[:4])}, ...). Make "
                "the model with num_classes=len(data.class_names)."
            )
        self.class_names, self.photo_fit = class_names, fit

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
            optimizer.learning_rate = factor * self.configured_rate(name)

    @property
    def generating_names(self) -> tuple[str, ...]:
        """Networks that the generator's loss trains."""
        translating = family_of(self.config.network).translating
        return tuple(name for name in translating if name in self.networks)

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

    def sigmas(self) -> dict[str, keras.Variable]:
        """The last sigma of every spectral norm, by path."""
        layers = map(spectral_layers, self.networks.values())
        return {s.sigma.path: s.sigma for s in itertools.chain(*layers)}

    def _own_variables(self) -> dict[str, tf.Variable]:
        """What moves and is of this model alone, by name."""
        own = {"step": self.step}
        for name in ("score_averages", "augment_probability"):
            if (statistics := getattr(self, name)) is not None:
                items = statistics.items().items()
                own |= {f"{name}_{key}": value for key, value in items}
        return own

    def _require_stage(self, config: Config) -> None:
        """Refuses an experiment of another model."""
        raise NotImplementedError

    def _make_generating(self) -> keras.Model:
        """What is averaged, made of the networks."""
        raise NotImplementedError

    def _make_averaged(self) -> keras.Model:
        """Another of the same shape."""
        raise NotImplementedError

    def _another(self, name: str) -> keras.Model:
        """A network like one of this model, with weights of no meaning."""
        if name not in self._handed_in:
            return build_network(name, self.config.network)
        network = self.networks[name]
        return type(network).from_config(network.get_config())

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


def _slots(
    network: str, optimizer: keras.optimizers.Optimizer
) -> dict[str, tf.Variable]:
    """An optimizer's variables by path, whatever Keras called it.

    It numbers names: a second `Adam` of a process is `adam_1`.
    """
    names = {}
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    for each in (optimizer, inner):
        kind = re.sub("(?<=.)(?=[A-Z])", "_", type(each).__name__).lower()
        names[each.name] = f"{network}_{kind}"
    slots = {}
    for path, variable in variables_by_path(optimizer.variables).items():
        first, _, rest = path.partition("/")
        slots[f"{names.get(first, first)}/{rest}"] = variable
    return slots


def with_num_classes(config: Config, num_classes: int | None) -> Config:
    """A configuration that says how many classes there are.

    Raises:
        UserError: nothing says it, or two do that do not agree.
    """
    stored = config.network.num_classes
    if num_classes is None:
        num_classes = stored
    if not num_classes or stored not in (0, num_classes):
        raise UserError(
            "Expected num_classes to be that of the data, as the configuration "
            f"has it. Received: num_classes={num_classes}, and {stored} in the "
            "configuration. Give num_classes=len(data.class_names)."
        )
    network = dataclasses.replace(config.network, num_classes=num_classes)
    return dataclasses.replace(config, network=network)


def _all_networks(
    config: Config, given: Mapping[str, keras.Model]
) -> dict[str, keras.Model]:
    """The networks of a stage, those that are not given initialised.

    Raises:
        UserError: one is given that the stage has not, or that is not built.
    """
    names = networks_of(config)
    unknown = [name for name in given if name not in names]
    unknown += [name for name in given if not given[name].built]
    if unknown:
        raise UserError(
            f"Expected built networks out of {', '.join(names)}. Received: "
            f"{', '.join(unknown)}. Name them so, and call build() of each."
        )
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    made = build_initialized(
        [name for name in names if name not in given],
        config.network,
        config.training.seed,
        replicas,
    )
    return {name: given.get(name) or made[name] for name in names}


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
