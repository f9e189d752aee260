"""What every model that trains has: its step's frame, averages and state."""

import dataclasses
import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

import keras
import numpy as np
import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.models.loss_scaling import loss_scale, scale_logs
from deepi2i_tf.models.micro_batches import MicroBatch, cut_rounds
from deepi2i_tf.models.multi_optimizer_model import MultiOptimizerModel
from deepi2i_tf.models.ramps import ramp
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


class TrainedModel(MultiOptimizerModel):
    """Networks with all state of training.

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
        rate_factor: what rollbacks have multiplied the learning rates by.
        class_names: names in the order of the class numbers, once known.
        initialised: networks have started from `init_from`.
        family: its name as a `--model`.
        sides: names of the image streams that a step reads.
        streams: names and shapes of what a step draws for each example beside
            z and classes (`noise.py`).
    """

    family: ClassVar[str]
    sides: ClassVar[tuple[str, ...]]
    streams: ClassVar[tuple] = ()

    def __init__(
        self,
        config: Config,
        num_classes: int | None = None,
        networks: Mapping[str, keras.Model] | None = None,
        averaged: keras.Model | None = None,
        **kwargs,
    ) -> None:
        config = with_num_classes(config, num_classes)
        self._require_experiment(config)
        with dtype_policy(config.training.mixed_precision):
            super().__init__(**kwargs)
            self.config = config
            self._handed_in = tuple(networks or ())
            self.class_names, self.photo_fit = (), CROP
            self.networks = _all_networks(config, networks or {})
            generating = self._make_generating()
            self.averaged = averaged or self._make_averaged()
        self.discriminator = self.networks.get("discriminator")
        self.optimizers = {}
        self.stage = stage_at(config, 0)
        self.skipped, self.rate_factor = 0, 1.0
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
        self.built = True

    @property
    def global_rows(self) -> int:
        """Images that one gradient is averaged over."""
        training = self.config.training
        return training.batch_size * training.num_accumulations

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict:
        """One step of the algorithm of the model, inside a replica.

        Args:
            batch: this replica's rows of the pipeline's dict.

        Returns:
            Scalars whose sum over replicas is the global value.
        """
        self._decay_rates()
        # What rollbacks have passed over is never drawn again.
        drawn = self.step + self.skipped
        logs = self._train(
            cut_rounds(batch, drawn, self.config, self.streams), drawn
        )
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
        for name, statistics in self._statistics().items():
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
        """Gives each optimizer its configured rate times a factor.

        A rate that decays takes it when `train_step` is traced.
        """
        for name, optimizer in self.optimizers.items():
            optimizer.learning_rate = factor * self.configured_rate(name)
        self.rate_factor = factor

    @property
    def generating_names(self) -> tuple[str, ...]:
        """Networks that the generator's loss trains."""
        translating = family_of(self.config.network).translating
        return tuple(name for name in translating if name in self.networks)

    def adapted(self, images) -> dict | None:
        """What generating takes of sources, at inference; None of no use."""
        raise NotImplementedError

    def generated(self, adapted: dict | None, z, labels):
        """Images of the networks as they are, at inference."""
        raise NotImplementedError

    def class_rows(self, labels) -> list:
        """What classes set in the generator, (classes, numbers) each."""
        raise NotImplementedError

    def scores(self, images, labels):
        """How real images look, (batch, 1), at inference."""
        raise NotImplementedError

    def sigmas(self) -> dict[str, keras.Variable]:
        """The last sigma of every spectral norm, by path."""
        layers = map(spectral_layers, self.networks.values())
        return {s.sigma.path: s.sigma for s in itertools.chain(*layers)}

    def _own_variables(self) -> dict[str, tf.Variable]:
        """What moves and is of this model alone, by name."""
        own = {"step": self.step}
        for name, statistics in self._statistics().items():
            items = statistics.items().items()
            own |= {f"{name}_{key}": value for key, value in items}
        return own

    def _statistics(self) -> dict[str, Any]:
        """What else moves, by attribute; each has `items()`."""
        return {}

    def _require_experiment(self, config: Config) -> None:
        """Refuses an experiment of another model."""
        model, name = config.network.model, type(self).__name__
        if model != self.family:
            raise UserError(
                f"Expected a configuration with model={self.family} for a "
                f"{name}. Received: model={model}. Give that to Config, or "
                "make the model that it names."
            )

    def _train(
        self, rounds: list[list[MicroBatch]], drawn: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Updates the networks; the losses, as `train_step` returns them.

        Args:
            rounds: micro-batches of each discriminator update.
            drawn: int64 scalar, the step that all draws are functions of.
        """
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

    def _decay_rates(self) -> None:
        """Sets the rates of this step, where they fall at the end of a run."""
        steps = self.config.training.steps
        decay = self.config.optimizer.decay_steps
        if not decay:
            return
        left = 1.0 - ramp(self.step, (steps - decay, steps))
        for name, optimizer in self.optimizers.items():
            rate = self.rate_factor * self.configured_rate(name)
            optimizer.learning_rate = rate * left

    def _loss_scale(self, names: Iterable[str]) -> tf.Tensor | None:
        return loss_scale(self.optimizers[name] for name in names)

    def _apply(self, name: str, gradients) -> None:
        if name not in self.stage.trainable:
            return
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
