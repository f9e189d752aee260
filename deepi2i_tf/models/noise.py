"""The random part of a step: a function of (seed, step, phase, example).

Nothing here has a state, so a resumed run needs only its step. Draws are made
for the global batch and cut by replica: two replicas of two images see what
one replica of four sees, and never the same numbers as each other.
"""

import tensorflow as tf


def replica_rows(values: tf.Tensor) -> tf.Tensor:
    """This replica's share of values drawn for the global batch.

    Args:
        values: (global rows, ...).

    Returns:
        (global rows / replicas, ...).
    """
    context = tf.distribute.get_replica_context()
    rows = values.shape[0] // context.num_replicas_in_sync
    start = context.replica_id_in_sync_group * rows
    return values[start : start + rows]


def draw(
    seed: int,
    step: tf.Tensor,
    phase: int,
    rows: int,
    dim_z: int,
    num_classes: int,
    micros: int = 1,
) -> list[tuple[tf.Tensor, tf.Tensor]]:
    """Draws z and target classes of one phase, for this replica.

    Micro-batches are cut before replicas, as the images are: example for
    example, k micro-batches of b images see what one batch of k b sees.

    Args:
        seed: the run's seed.
        step: int64 scalar, finished steps.
        phase: number of the phase within the step.
        rows: images of the phase over all replicas.
        dim_z: length of z.
        num_classes: classes to draw from, uniformly.
        micros: micro-batches that the phase is made of.

    Returns:
        Per micro-batch z float32 (local rows, dim_z), standard normal, and
        labels int32 (local rows,).
    """
    key = tf.stack([tf.cast(seed, tf.int64), tf.cast(step, tf.int64)])
    key = tf.random.experimental.stateless_fold_in(key, phase)
    z_key, class_key = tf.unstack(tf.random.split(key, 2))
    z = tf.random.stateless_normal((rows, dim_z), z_key)
    labels = tf.random.stateless_uniform(
        (rows,), class_key, maxval=num_classes, dtype=tf.int32
    )
    parts = zip(tf.split(z, micros), tf.split(labels, micros), strict=True)
    return [(replica_rows(z), replica_rows(c)) for z, c in parts]
