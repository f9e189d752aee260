"""Moving averages of the discriminator's mean scores, for LeCam.

    a <- .99 a + .01 E[s]

Updated after a discriminator update, so that all its micro-batches and
replicas see the same averages (arXiv 2104.03310 updates them before).
"""

import tensorflow as tf

DECAY = 0.99


class ScoreAverages:
    """Averages of the scores of real images and of fakes.

    Args:
        step: variable of finished steps.
        first_step: from which they are used.

    Attributes:
        real: float32 scalar variable.
        fake: likewise.
    """

    def __init__(self, step: tf.Variable, first_step: int) -> None:
        self._step, self._first_step = step, first_step
        self.real, self.fake = (
            tf.Variable(
                0.0,
                trainable=False,
                name=f"score_average_{name}",
                aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
            )
            for name in ("real", "fake")
        )

    @property
    def in_use(self) -> tf.Tensor:
        """1 from the first step on, 0 before; float32."""
        return tf.cast(self._step >= self._first_step, tf.float32)

    def update(self, logs: dict[str, tf.Tensor]) -> None:
        """Moves both by a replica's part of the mean scores."""
        parts = tf.stack([logs["score_real"], logs["score_fake"]])
        context = tf.distribute.get_replica_context()
        real, fake = tf.unstack(context.all_reduce("SUM", parts))
        self.real.assign(DECAY * self.real + (1.0 - DECAY) * real)
        self.fake.assign(DECAY * self.fake + (1.0 - DECAY) * fake)
