"""What is kept of the discriminator's scores from step to step.

Both move after a discriminator update, by numbers of the global batch, so that
its micro-batches and replicas see the same values.
"""

import tensorflow as tf

AVERAGE_DECAY = 0.99
# Steps between two moves of the probability.
INTERVAL = 4


def _scalar(name: str) -> tf.Variable:
    return tf.Variable(
        0.0,
        trainable=False,
        name=name,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )


def _global(parts: list[tf.Tensor]) -> list[tf.Tensor]:
    """Sums over the replicas."""
    context = tf.distribute.get_replica_context()
    return tf.unstack(context.all_reduce("SUM", tf.stack(parts)))


class ScoreAverages:
    """Moving averages of the mean scores, for LeCam: a <- .99 a + .01 E[s].

    arXiv 2104.03310 moves them before the update; here its micro-batches
    could not.

    Args:
        step: variable of finished steps.
        first_step: from which they are used.

    Attributes:
        real: float32 scalar variable, of real images.
        fake: likewise, of fakes.
    """

    def __init__(self, step: tf.Variable, first_step: int) -> None:
        self._step, self._first_step = step, first_step
        self.real, self.fake = map(_scalar, ("real", "fake"))

    @property
    def in_use(self) -> tf.Tensor:
        """1 from the first step on, 0 before; float32."""
        return tf.cast(self._step >= self._first_step, tf.float32)

    def update(self, logs: dict[str, tf.Tensor]) -> None:
        """Moves both by a replica's part of the mean scores."""
        real, fake = _global([logs["score_real"], logs["score_fake"]])
        rest = 1.0 - AVERAGE_DECAY
        self.real.assign(AVERAGE_DECAY * self.real + rest * real)
        self.fake.assign(AVERAGE_DECAY * self.fake + rest * fake)

    def items(self) -> dict[str, tf.Variable]:
        """For a checkpoint."""
        return {"real": self.real, "fake": self.fake}


class AugmentProbability:
    """Adaptive probability of augmentation (ADA, arXiv 2006.06676).

    Every `INTERVAL` steps, with r_t the mean sign of real scores over them:

        p <- clip(p + sign(r_t - target) INTERVAL batch / (1000 kimg), 0, 1)

    Args:
        step: variable of finished steps.
        target: of r_t.
        kimg: thousands of images from 0 to 1.
        images_per_step: of the global batch.

    Attributes:
        value: p, float32 scalar variable.
        signs: sum of r_t since the last move.
    """

    def __init__(
        self,
        step: tf.Variable,
        target: float,
        kimg: float,
        images_per_step: int,
    ) -> None:
        self._step, self._target = step, target
        self._change = INTERVAL * images_per_step / (1000.0 * kimg)
        self.value, self.signs = map(_scalar, ("probability", "signs"))

    def update(self, logs: dict[str, tf.Tensor]) -> None:
        """Adds a step's signs, and moves p where the interval ends."""
        (sign,) = _global([logs["sign_real"]])
        signs = self.signs + sign
        ends = (self._step + 1) % INTERVAL == 0
        move = self._change * tf.sign(signs / INTERVAL - self._target)
        moved = tf.clip_by_value(self.value + move, 0.0, 1.0)
        self.value.assign(tf.where(ends, moved, self.value))
        self.signs.assign(tf.where(ends, 0.0, signs))

    def items(self) -> dict[str, tf.Variable]:
        """For a checkpoint."""
        return {"value": self.value, "signs": self.signs}
