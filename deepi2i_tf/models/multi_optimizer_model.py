"""`compile` and `fit` of a model whose networks have an optimizer each.

Keras' `fit` gives the epochs, the history and the callbacks; a step is that of
the command's loop (`step_function.py`), so that both make the same weights.
Keras' own would take one optimizer, average over the replicas what is to be
summed, and fail with `steps_per_execution` on more than one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import tensorflow as tf

from deepi2i_tf.config import Config, OptimizerConfig
from deepi2i_tf.data.dataset import TrainingBatches
from deepi2i_tf.models.adam import Adam
from deepi2i_tf.models.loss_scaling import FLOAT16, LossScaling
from deepi2i_tf.models.step_function import by_replica, use_jit
from deepi2i_tf.models.train_function import TrainFunction
from deepi2i_tf.networks import family_of
from deepi2i_tf.utils.errors import UserError

_JIT = {True: "on", False: "off"}


class MultiOptimizerModel(keras.Model):
    """A `keras.Model` of several networks, with an optimizer for each.

    Subclasses set what is annotated below, and take what is known of the data
    by `describe_data(class_names, fit)`.

    Attributes:
        optimizers: by network, once compiled.
    """

    config: Config
    networks: Mapping[str, keras.Model]
    step: tf.Variable
    skipped: int
    initialised: bool
    sides: tuple[str, ...]

    def compile(
        self,
        *,
        steps_per_execution: int = 1,
        jit_compile: bool | str | None = None,
        run_eagerly: bool = False,
        **optimizers: keras.optimizers.Optimizer,
    ) -> None:
        """Gives every network its optimizer.

        Args:
            steps_per_execution: steps in one call of the compiled function.
            jit_compile: compile steps with XLA; `"auto"` does on one GPU.
                None takes the configuration's.
            run_eagerly: do not compile steps, to look into them.
            **optimizers: `generator_optimizer=` and so on; the others come
                from the configuration.

        Raises:
            UserError: another strategy's scope, or a wrong optimizer.
        """
        self._require_own_scope()
        own = self.distribute_strategy
        given = self._given(optimizers)
        jit = self.config.training.jit_compile
        if jit_compile is not None:
            jit = _JIT.get(jit_compile, jit_compile)
        with own.scope():
            self._uses_jit = not run_eagerly and use_jit(jit, own)
            super().compile(
                optimizer=None,
                steps_per_execution=steps_per_execution,
                jit_compile=False,
                run_eagerly=run_eagerly,
            )
            self.optimizers = {
                name: self._prepared(name, network, given.get(name))
                for name, network in self.networks.items()
            }
        self.train_function = None

    def get_compile_config(self) -> dict[str, Any] | None:
        """Plain values that `compile_from_config` compiles by."""
        if not self.compiled:
            return None
        return {
            "optimizers": {
                name: keras.saving.serialize_keras_object(optimizer)
                for name, optimizer in self.optimizers.items()
            },
            "steps_per_execution": self.steps_per_execution,
            "run_eagerly": self.run_eagerly,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles by what `get_compile_config` gave."""
        optimizers = {
            f"{name}_optimizer": keras.saving.deserialize_keras_object(values)
            for name, values in config["optimizers"].items()
        }
        self.compile(
            steps_per_execution=config["steps_per_execution"],
            run_eagerly=config["run_eagerly"],
            **optimizers,
        )

    def configured_rate(self, name: str) -> float:
        """The configuration's learning rate of a network."""
        field = family_of(self.config.network).rates[name]
        return getattr(self.config.optimizer, field)

    @property
    def finished_steps(self) -> int:
        """The value of `step`; within `fit` it does not wait for the device."""
        counted = getattr(self.train_function, "step", None)
        return int(self.step.numpy()) if counted is None else counted

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """None: losses are told by the step, and their means by `fit`."""
        return []

    def reset_metrics(self) -> None:
        """Begins the means of an epoch."""
        if self.train_function is not None:
            self.train_function.begin_epoch()

    def make_train_function(self, force: bool = False) -> TrainFunction:
        """What `fit` calls for each execution."""
        if self.train_function is None or force:
            self.train_function = TrainFunction(self, self._uses_jit)
        self.train_function.restart()
        return self.train_function

    def fit(
        self,
        x: tf.data.Dataset | None = None,
        *,
        epochs: int = 1,
        steps_per_epoch: int | None = None,
        initial_epoch: int = 0,
        callbacks: Iterable[keras.callbacks.Callback] = (),
        **kwargs,
    ) -> keras.callbacks.History:
        """Trains as the command does, with epochs and callbacks of Keras.

        An `ExactCheckpoint` among the callbacks that has something of this
        `fit` has it go on from there. The history has the mean over each epoch
        of every loss, global values also where replicas share a batch.

        Args:
            x: `data.train()`, or another data set of such batches.
            epochs: number of the last epoch.
            steps_per_epoch: steps of an epoch; `data.train()` is endless.
            initial_epoch: number of the first epoch, from 0.
            callbacks: of Keras, and of `deepi2i_tf.callbacks`.
            **kwargs: of `keras.Model.fit`, such as `verbose`.
        """
        self._assert_compile_called("fit")
        self._require_own_scope()
        _require_whole_executions(steps_per_epoch, self.steps_per_execution)
        if isinstance(x, TrainingBatches):
            self.describe_data(x.class_names, x.photo_fit)
        callbacks = list(callbacks or ())
        done = self._restore(callbacks)
        self._require_start()
        histories = [
            # Keras warns of its own default of `shuffle`.
            self._fit(x, **each, callbacks=callbacks, shuffle=False, **kwargs)
            for each in _stretches(done, initial_epoch, epochs, steps_per_epoch)
        ]
        return _joined(histories)

    def _fit(self, x: Any, done: int, **options) -> keras.callbacks.History:
        """Keras' own, of which so many steps were made before."""
        return super().fit(self._batches_of(x, done), **options)

    def _require_start(self) -> None:
        """Refuses to train from scratch what is to start from another run."""
        source = self.config.training.init_from
        if source and not self.initialised and not int(self.step.numpy()):
            raise UserError(
                f"Expected networks that start from init_from={source}. "
                "Received: ones at their random start. Call "
                "deepi2i_tf.initialise(model, data) first, or leave it out."
            )

    def _require_own_scope(self) -> None:
        """Refuses the scope of a strategy that the model was not made in."""
        if not tf.distribute.has_strategy():
            return
        current = tf.distribute.get_strategy()
        if current.extended.variable_created_in_scope(self.step):
            return
        own = self._distribute_strategy
        raise UserError(
            "Expected the scope of the strategy that the model was made in, "
            f"{_name(own) if own else 'none'}. Received: that of "
            f"{_name(current)}. Make, compile and fit it in one scope."
        )

    def _given(
        self, optimizers: Mapping[str, keras.optimizers.Optimizer]
    ) -> dict[str, keras.optimizers.Optimizer]:
        """Those that `compile` was given, by network."""
        names = {f"{name}_optimizer": name for name in self.networks}
        unknown = [name for name in optimizers if name not in names]
        if unknown:
            raise UserError(
                f"Expected compile to be given {', '.join(names)}. Received: "
                f"{', '.join(unknown)}. Losses are the configuration's."
            )
        given = {names[key]: each for key, each in optimizers.items() if each}
        if len(set(map(id, given.values()))) < len(given):
            raise UserError(
                "Expected an optimizer for each network. Received: one for "
                f"{', '.join(given)}. Make one of each, they keep moments."
            )
        return given

    def _prepared(
        self,
        name: str,
        network: keras.Model,
        optimizer: keras.optimizers.Optimizer | None,
    ) -> keras.optimizers.Optimizer:
        if optimizer is None:
            rate = self.configured_rate(name)
            optimizer = default_optimizer(self.config.optimizer, name, rate)
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        strategy = self.distribute_strategy
        counter = inner.iterations.value
        if not strategy.extended.variable_created_in_scope(counter):
            raise UserError(
                f"Expected {name}_optimizer to be made in the scope of the "
                f"model's strategy, {_name(strategy)}. Received: one of "
                "another scope. Make it in strategy.scope()."
            )
        if inner is not optimizer and not isinstance(optimizer, LossScaling):
            raise UserError(
                f"Expected {name}_optimizer without loss scaling, which comes "
                "with mixed_precision=mixed_float16. Received: a "
                f"{type(optimizer).__name__}. Give the one in it."
            )
        scaled = self.config.training.mixed_precision == FLOAT16
        if scaled and inner is optimizer:
            optimizer = LossScaling(optimizer, name=f"{name}_loss_scaling")
        # Under several replicas an optimizer whose slots are made in the first
        # step fails ("must feed a value for placeholder").
        if not optimizer.built:
            optimizer.build(network.trainable_variables)
        return optimizer

    def _restore(self, callbacks: list[keras.callbacks.Callback]) -> int:
        """Has callbacks that keep the state of a model give it back.

        Returns:
            By how many steps.
        """
        begun = int(self.step.numpy())
        for callback in callbacks:
            restore = getattr(callback, "restore_before_fit", None)
            if restore is not None:
                restore(self)
        return int(self.step.numpy()) - begun

    def _batches_of(self, x: Any, done: int) -> tf.data.Dataset:
        """The data set of the coming steps, dealt out as the command does.

        Of batches that are not of this package, `done` were seen before.
        """
        self._require_batches(x)
        if isinstance(x, TrainingBatches):
            x = x.from_step(int(self.step.numpy()) + self.skipped)
        elif done:
            x = x.skip(done)
        training = self.config.training
        micros = training.num_accumulations * training.discriminator_steps
        replicas = self.distribute_strategy.num_replicas_in_sync
        if replicas == 1 or micros == 1:
            return x

        def deal(batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            # `fit` cuts a batch into as many stretches as there are replicas.
            return {
                name: tf.reshape(
                    by_replica(rows, replicas, micros), tf.shape(rows)
                )
                for name, rows in batch.items()
            }

        return x.map(deal)

    def _require_batches(self, x: Any) -> None:
        rows = self.config.training.images_per_step
        side = self.config.network.resolution
        expected = {}
        for name in self.sides:
            expected[name] = (rows, side, side, 3)
            expected[f"{name}_label"] = (rows,)
        spec = getattr(x, "element_spec", None)
        found = _shapes(spec) if isinstance(spec, dict) else {}
        if all(found.get(name) == shape for name, shape in expected.items()):
            return
        found = found or type(x).__name__
        raise UserError(
            f"Expected batches of {expected}. Received: {found}. Give "
            "data.train() of load_dataset(config), of the model's config."
        )


def default_optimizer(
    config: OptimizerConfig, name: str, rate: float
) -> keras.optimizers.Optimizer:
    """The configuration's optimizer of a network, at a learning rate."""
    return Adam(
        learning_rate=rate,
        beta_1=config.beta_1,
        beta_2=config.beta_2,
        epsilon=config.epsilon,
        name=f"{name}_adam",
    )


def _name(strategy: tf.distribute.Strategy) -> str:
    replicas = strategy.num_replicas_in_sync
    return f"{type(strategy).__name__} with {replicas} replica(s)"


def _shapes(spec: Mapping[str, tf.TensorSpec]) -> dict[str, Any]:
    shapes = {name: getattr(each, "shape", None) for name, each in spec.items()}
    return {
        name: None if shape is None or shape.rank is None else tuple(shape)
        for name, shape in shapes.items()
    }


def _require_whole_executions(steps: int | None, at_once: int) -> None:
    if steps and steps % at_once:
        raise UserError(
            f"Expected steps_per_epoch to be a multiple of {at_once}, the "
            f"steps_per_execution. Received: {steps}. Use "
            f"{steps + at_once - steps % at_once}."
        )


def _stretches(
    done: int, first: int, last: int, steps: int | None
) -> list[dict[str, Any]]:
    """What is left of a `fit`: an epoch's rest, and the epochs behind it.

    Args:
        done: its steps that were made before.
        first: number of its first epoch.
        last: number of the epoch behind its last one.
        steps: of an epoch.
    """

    def stretch(done: int, first: int, last: int, steps: int | None) -> dict:
        return {
            "done": done,
            "initial_epoch": first,
            "epochs": last,
            "steps_per_epoch": steps,
        }

    if done and not steps:
        raise UserError(
            "Expected steps_per_epoch to go on from a checkpoint. Received: "
            "none. Give the number of the interrupted fit."
        )
    epochs, rest = divmod(done, steps or 1) if done else (0, 0)
    first += epochs
    made = []
    if rest and first < last:
        made.append(stretch(done, first, first + 1, steps - rest))
        first, done = first + 1, done + steps - rest
    return [*made, stretch(done, first, last, steps)]


def _joined(
    histories: list[keras.callbacks.History],
) -> keras.callbacks.History:
    """One history of a `fit` that went on within an epoch."""
    last = histories[-1]
    for before in histories[:-1]:
        last.epoch = before.epoch + last.epoch
        for name, values in before.history.items():
            last.history[name] = values + last.history.get(name, [])
    return last
