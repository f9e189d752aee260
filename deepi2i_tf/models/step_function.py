"""The compiled training step, and the watch over its losses.

Losses stay on the device until somebody asks; a number on the device remembers
the first step in which one of them was NaN or infinite, so that nothing waits
for the host between log rows and yet no step goes unchecked. A wish to stop
travels with them, so that all workers learn of it after the same step. In
float16 a gradient may overflow and its update be skipped
(`models/loss_scaling.py`); a loss may not, since no loss scale mends a forward
pass.
"""

from collections.abc import Iterator, Mapping

import tensorflow as tf

from deepi2i_tf.utils.errors import UserError

_NEVER = tf.int64.max
_GO, _STOP = 0.0, 1.0


class NonFiniteError(UserError):
    """A number of a run is NaN or infinite.

    Args:
        message: what was expected, what came, what to do.
        step: the step after which it is so.
        what: what is wrong, in a few words.
    """

    def __init__(self, message: str, step: int, what: str) -> None:
        super().__init__(message)
        self.step = step
        self.what = what


class StepFunction:
    """One step of a model under a strategy, compiled for its present stage.

    Args:
        model: has `train_step(batch) -> {name: scalar}` that adds one to
            `model.step`; logs summed over replicas are global values.
        strategy: the strategy in whose scope the model was built.
        jit_compile: compile with XLA.
        eager: do not compile at all, to look into a step.

    Call arguments:
        batch: a (distributed) batch of the pipeline.
        stopping: this process wishes to stop.
    """

    def __init__(
        self,
        model: object,
        strategy: tf.distribute.Strategy,
        jit_compile: bool = False,
        eager: bool = False,
    ) -> None:
        self._model = model
        self._strategy = strategy
        self._names = ()
        self._values = None
        self._wishes = tf.constant(_GO)
        self._first_bad = tf.constant(_NEVER, tf.int64)
        # The step has no Python control flow on tensors; converting its
        # source all the same would take a third of the start-up time.
        self._function = self._several = self._step
        if not eager:
            self._function = tf.function(
                self._step,
                jit_compile=True if jit_compile else None,
                autograph=False,
            )
            self._several = tf.function(self._steps, autograph=False)

    def __call__(
        self, batch: Mapping[str, object], stopping: bool = False
    ) -> None:
        """Makes one step; does not wait for the device."""
        wish = tf.constant(_STOP if stopping else _GO)
        self._values, self._wishes, self._first_bad = self._function(
            batch, wish, self._first_bad
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the logs, once a step was made."""
        return self._names

    def run(self, iterator: Iterator, steps: int) -> tf.Tensor:
        """Makes several steps in one call; does not wait for the device.

        Args:
            iterator: gives the batches.
            steps: how many, at least 1.

        Returns:
            float32, (logs,): the sums of `names` over the steps.
        """
        if steps == 1 or self._several == self._step:
            total = 0.0
            for _ in range(steps):
                self(next(iterator))
                total = total + self._values
            return total
        self._values, total, self._first_bad = self._several(
            iterator, tf.constant(steps), self._first_bad
        )
        return total

    def anyone_stops(self) -> bool:
        """Whether any worker wished to stop; waits for the device."""
        return bool(self._wishes > _GO)

    def logs(self) -> dict[str, float]:
        """The numbers of the last step, by name; waits for the device."""
        if self._values is None:
            return {}
        values = self._values.numpy().tolist()
        return dict(zip(self._names, values, strict=True))

    def require_finite(self) -> None:
        """Refuses to go on if any step so far had a loss that is no number."""
        first = int(self._first_bad)
        if first == _NEVER:
            return
        step, index = divmod(first, len(self._names))
        name = self._names[index]
        what = f"{name} is NaN or infinite"
        message = (
            f"Expected finite losses. Received: {what} at "
            f"step {step}. Nothing of it was saved; lower the learning rates "
            "or use another --seed and run the same command, or go back to "
            "an earlier checkpoint; in float16, whose numbers end at 65504, "
            "use --mixed_precision=mixed_bfloat16."
        )
        raise NonFiniteError(message, step, what)

    def _step(
        self, batch: object, wish: tf.Tensor, first_bad: tf.Tensor
    ) -> tuple:
        numbers = self._strategy.run(self._replica_step, args=(batch, wish))
        # Together: a sum over the network costs its way, not its length.
        *values, wishes = tf.unstack(
            self._strategy.reduce("SUM", numbers, axis=None)
        )
        values = tf.stack(values)
        # Step and loss in one number, so that one minimum keeps the first.
        count = len(self._names)
        finished = tf.cast(self._model.step, tf.int64)
        index = finished * count + tf.range(count, dtype=tf.int64)
        bad = tf.where(tf.math.is_finite(values), _NEVER, index)
        return values, wishes, tf.minimum(first_bad, tf.reduce_min(bad))

    def _steps(
        self, iterator: Iterator, steps: tf.Tensor, first_bad: tf.Tensor
    ) -> tuple:
        """A loop of steps in one graph: last logs, their sum, first bad one."""
        go = tf.constant(_GO)
        rows = tf.TensorArray(tf.float32, steps, element_shape=None)

        def step(index, rows, first_bad):
            values, _, first_bad = self._function(next(iterator), go, first_bad)
            return index + 1, rows.write(index, values), first_bad

        _, rows, first_bad = tf.while_loop(
            lambda index, *_: index < steps,
            step,
            (tf.constant(0), rows, first_bad),
            parallel_iterations=1,
        )
        values = rows.stack()
        return values[-1], tf.reduce_sum(values, axis=0), first_bad

    def _replica_step(self, batch: object, wish: tf.Tensor) -> tf.Tensor:
        logs = self._model.train_step(batch)
        self._names = tuple(sorted(logs))
        values = [tf.cast(logs[name], tf.float32) for name in self._names]
        return tf.stack([*values, wish])


def by_replica(rows: tf.Tensor, replicas: int, micro_batches: int) -> tf.Tensor:
    """(micro x replicas x b, ...) to (replicas, micro x b, ...).

    Micro-batch m of all replicas together is rows m b .. (m + 1) b of the
    pipeline's batch, b = `--batch_size`, however many replicas share it.
    """
    shape = rows.shape[1:].as_list()
    each = rows.shape[0] // (micro_batches * replicas)
    split = tf.reshape(rows, [micro_batches, replicas, each, *shape])
    swapped = tf.experimental.numpy.swapaxes(split, 0, 1)
    return tf.reshape(swapped, [replicas, micro_batches * each, *shape])


def use_jit(jit_compile: str, strategy: tf.distribute.Strategy) -> bool:
    """Whether a step is compiled by XLA.

    Args:
        jit_compile: `"on"`, `"off"`, or `"auto"`, which compiles on a single
            GPU only: on CPUs XLA was 1.1 to 2.5 times slower.
        strategy: the strategy that runs the step.

    Raises:
        UserError: `"on"` with several replicas, which XLA cannot compile.
    """
    single = strategy.num_replicas_in_sync == 1
    if jit_compile == "on" and not single:
        raise UserError(
            "Expected --jit_compile=on to come with one replica. Received: "
            f"{strategy.num_replicas_in_sync} replicas. Use "
            "--jit_compile=auto or --num_replicas=1."
        )
    if jit_compile == "auto":
        return single and bool(tf.config.list_physical_devices("GPU"))
    return jit_compile == "on"
