"""What `fit` calls for each execution: the steps of the stage that is on."""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from deepi2i_tf.models.stages import Stage, stage_at
from deepi2i_tf.models.step_function import StepFunction


class TrainFunction:
    """Makes `steps_per_execution` steps of a model, stage by stage.

    The step decides on the stage, as in a run of the command: one that ends
    within an execution ends the first part of it.

    Args:
        model: a `TrainedModel`, compiled.
        jit_compile: compile steps with XLA.

    Attributes:
        step: of the model, counted here; None before the first call.

    Call arguments:
        iterator: gives the (distributed) batches.

    Returns:
        Means of the losses over the steps of this epoch, global values.
    """

    def __init__(self, model: Any, jit_compile: bool) -> None:
        self._model = model
        self._jit_compile = jit_compile
        self.step: int | None = None
        self._stage: Stage | None = None
        self._function: StepFunction | None = None
        self.begin_epoch()

    def __call__(self, iterator: Iterator) -> dict[str, tf.Tensor]:
        """See the class."""
        if self.step is None:
            # Counted here from now on: to ask the device would wait for it.
            self.step = int(self._model.step.numpy())
        left = self._model.steps_per_execution
        while left:
            function, end = self._function_of_stage()
            count = left if end is None else min(left, end - self.step)
            total = function.run(iterator, count)
            if self._names != function.names:
                self.begin_epoch()
                self._names = function.names
            self._total = total if self._total is None else self._total + total
            self._count += count
            self.step += count
            left -= count
        means = tf.unstack(self._total / self._count)
        return dict(zip(self._names, means, strict=True))

    def restart(self) -> None:
        """The model may be at another step than was counted."""
        self.step = None
        self.begin_epoch()

    def begin_epoch(self) -> None:
        """Means begin anew."""
        self._names: tuple[str, ...] = ()
        self._total: tf.Tensor | None = None
        self._count = 0

    def require_finite(self) -> None:
        """Refuses to go on if any step of this stage had a loss that is NaN.

        Raises:
            NonFiniteError: see there.
        """
        if self._function is not None:
            self._function.require_finite()

    def _function_of_stage(self) -> tuple[StepFunction, int | None]:
        """The compiled step of the present stage, and where that ends."""
        stage = stage_at(self._model.config, self.step)
        if stage != self._stage:
            self.require_finite()
            self._model.stage = self._stage = stage
            self._function = StepFunction(
                self._model,
                self._model.distribute_strategy,
                self._jit_compile,
                eager=self._model.run_eagerly,
            )
        return self._function, stage.ends_at
