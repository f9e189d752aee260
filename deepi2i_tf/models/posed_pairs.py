"""Rows of a micro-batch that meet their own class or a posed twin.

Row 2p and row 2p + 1 of a replica's micro-batch are a pair. In a posed pair the
second source is the first one under a similarity transform T, with the same z
and the same target class, so that translations can be compared within one
class at no further pass. An identity row has its source's class as target.
Identity rows are drawn first: a pair may be of them.
"""

import dataclasses

import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.losses.geometry import Similarity, warp
from deepi2i_tf.models.micro_batches import MicroBatch
from deepi2i_tf.models.noise import phase_key, replica_rows

# Ranges of T, uniform around 0: radians, log of size, part of the side.
TURN, LOG_SCALE, SHIFT = 0.35, 0.18, 0.08
# Transforms that the contrast form tells the true one from.
NUM_WRONG = 4
_PHASE = 1 << 20  # Of the draws; behind those of every discriminator update.


@dataclasses.dataclass(frozen=True)
class PosedPairs:
    """The pairs of one replica's micro-batch.

    Args:
        active: float32 (pairs,), 1 where the pair is posed.
        matrices: (pairs, 1 + `NUM_WRONG`, 8), T of each pair and the wrong
            transforms behind it.
        inverses: their inverses.
    """

    active: tf.Tensor
    matrices: tf.Tensor
    inverses: tf.Tensor


def pose_rows(
    micros: list[MicroBatch], step: tf.Tensor, config: Config
) -> list[MicroBatch]:
    """The micro-batches with identity rows and posed pairs in them.

    Args:
        micros: those of one generator update.
        step: int64 scalar, finished steps.
        config: the experiment.
    """
    pose = config.pose
    if pose.identity > 0.0 and pose.identity_share > 0.0:
        micros = _with_identity(micros, step, config)
    if pose.equivariance > 0.0:
        micros = _with_pairs(micros, step, config)
    return micros


def _with_identity(micros, step, config: Config) -> list[MicroBatch]:
    count, rows = len(micros), config.training.batch_size
    key = phase_key(config, step, _PHASE)
    drawn = tf.random.stateless_uniform((count, rows), key)
    chosen = tf.unstack(drawn < config.pose.identity_share)
    made = []
    for micro, mine in zip(micros, chosen, strict=True):
        z, labels = micro.generator
        own = micro.images["source_label"]
        labels = tf.where(replica_rows(mine), tf.cast(own, tf.int32), labels)
        made.append(dataclasses.replace(micro, generator=(z, labels)))
    return made


def _with_pairs(micros, step, config: Config) -> list[MicroBatch]:
    count, rows = len(micros), config.training.batch_size
    size = config.network.resolution
    key = phase_key(config, step, _PHASE + 1)
    drawn = tf.random.stateless_uniform(
        (count, rows // 2, 1 + NUM_WRONG, 5), key, minval=-1.0
    )
    share_key = phase_key(config, step, _PHASE + 2)
    active = tf.random.stateless_uniform((count, rows // 2), share_key)
    active = tf.cast(active < config.pose.equivariance_share, tf.float32)
    made = []
    for index, micro in enumerate(micros):
        values = tf.unstack(replica_rows(drawn[index]), axis=-1)
        turn, log_scale, shift_x, shift_y, mirror = values
        # A mirrored animal is another one unless the data set is mirrored too.
        mirror = tf.where(config.data.flip & (mirror < 0.0), -1.0, 1.0)
        transforms = Similarity(
            TURN * turn,
            LOG_SCALE * log_scale,
            SHIFT * size * shift_x,
            SHIFT * size * shift_y,
            mirror,
        )
        pairs = PosedPairs(
            replica_rows(active[index]),
            transforms.matrix(size),
            transforms.inverse_matrix(size),
        )
        made.append(_paired(micro, pairs))
    return made


def _paired(micro: MicroBatch, pairs: PosedPairs) -> MicroBatch:
    def twin(values: tf.Tensor, posed: tf.Tensor | None = None) -> tf.Tensor:
        """Second rows of posed pairs replaced, by their first ones or so."""
        first, second = values[0::2], values[1::2]
        shape = [-1] + [1] * (len(values.shape) - 1)
        second = tf.where(
            tf.reshape(pairs.active > 0.0, shape),
            first if posed is None else posed,
            second,
        )
        return tf.reshape(tf.stack([first, second], axis=1), values.shape)

    source, labels = micro.images["source"], micro.images["source_label"]
    posed = warp(source[0::2], pairs.inverses[:, 0])
    images = {"source": twin(source, posed), "source_label": twin(labels)}
    return dataclasses.replace(
        micro,
        images=micro.images | images,
        generator=tuple(twin(values) for values in micro.generator),
        pairs=pairs,
    )
