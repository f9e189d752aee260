"""Losses that keep a source's pose, for one micro-batch (docs/pose.md).

    L_eq = w(t) lambda / 2 E[l(y', T y) + l(y, T^-1 y')]       over posed pairs
    L_id = w(t) lambda E[[c = class(x)] d(F(x, c, z), x)]
    L_cycle = w(t) lambda E[d(F(F(x, c, z), class(x), z'), x)]   every 4th row

with d the pyramid distance of `losses/geometry.py`, l either d itself or the
cross entropy of d under the true transform against d under wrong ones, and w
the ramp. Normalised by the global batch, like `objective.py`.
"""

from collections.abc import Callable

import tensorflow as tf

from deepi2i_tf.config import PoseConfig
from deepi2i_tf.config.pose import CYCLE_EVERY
from deepi2i_tf.losses.geometry import (
    contrast,
    pyramid_distance,
    warped_distances,
)
from deepi2i_tf.models.micro_batches import MicroBatch
from deepi2i_tf.models.ramps import ramp

# Of the contrast: in drawings without fault d is 0.08 between a posed image
# and its warped twin, and 0.4 where the pose is another one.
TEMPERATURE = 0.1


class PoseObjective:
    """Equivariance, identity and cycle, by their weights.

    Args:
        config: which losses, and their weights.
        global_rows: images that one gradient is averaged over.
        translate: `translate(images, z, labels)`, the translator as at
            inference: the way back of a cycle moves no state and needs no
            statistics of its few rows.
    """

    def __init__(
        self, config: PoseConfig, global_rows: int, translate: Callable
    ) -> None:
        self.config = config
        self.global_rows = global_rows
        self.translate = translate

    def __call__(
        self, fake: tf.Tensor, micro: MicroBatch, step: tf.Tensor
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """The weighted sum, and each loss before its weight.

        Args:
            fake: translations of the generator's phase, (batch, R, R, 3).
            micro: what they were made of.
            step: int64 scalar, finished steps.
        """
        logs = {}
        if micro.pairs is not None:
            logs["equivariance"] = self._equivariance(fake, micro.pairs)
        if self.config.identity > 0.0:
            logs["identity"] = self._identity(fake, micro)
        if self.config.cycle > 0.0:
            logs["cycle"] = self._cycle(fake, micro)
        if not logs:
            return 0.0, logs
        weights = {name: getattr(self.config, name) for name in logs}
        loss = sum(weights[name] * value for name, value in logs.items())
        return ramp(step, self.config.pose_ramp) * loss, logs

    def _equivariance(self, fake: tf.Tensor, pairs) -> tf.Tensor:
        plain, posed = fake[0::2], fake[1::2]
        if self.config.equivariance_form == "contrast":
            there = warped_distances(posed, plain, pairs.inverses)
            back = warped_distances(plain, posed, pairs.matrices)
            both = contrast(there, TEMPERATURE) + contrast(back, TEMPERATURE)
        else:
            there = warped_distances(posed, plain, pairs.inverses[:, :1])
            back = warped_distances(plain, posed, pairs.matrices[:, :1])
            both = (there + back)[:, 0]
        # Half of both, over half as many pairs as rows.
        return tf.reduce_sum(pairs.active * both) / self.global_rows

    def _cycle(self, fake: tf.Tensor, micro: MicroBatch) -> tf.Tensor:
        def some(values: tf.Tensor) -> tf.Tensor:
            return values[::CYCLE_EVERY]

        z, _ = micro.discriminator  # Another one than made the translation.
        images = micro.images
        back = self.translate(some(fake), some(z), some(images["source_label"]))
        distances = pyramid_distance(back, some(images["source"]))
        return CYCLE_EVERY * tf.reduce_sum(distances) / self.global_rows

    def _identity(self, fake: tf.Tensor, micro: MicroBatch) -> tf.Tensor:
        own = tf.cast(micro.images["source_label"], tf.int32)
        same = tf.cast(micro.generator[1] == own, tf.float32)
        distances = pyramid_distance(fake, micro.images["source"])
        return tf.reduce_sum(same * distances) / self.global_rows
