"""Gives every replica of a cluster what its leader has restored."""

import collections
from typing import Any

import tensorflow as tf

from deepi2i_tf.training.distributed.strategy import DistributionContext


def broadcast_variables(
    placement: DistributionContext, items: dict[str, Any]
) -> None:
    """Brings variables to the leader's values, bit for bit.

    Every worker calls this; only the leader needs to have read a checkpoint.
    One worker alone has nothing to share.

    Args:
        placement: where steps run.
        items: variables, and dictionaries of them, by name.
    """
    if placement.peers.size == 1:
        return
    by_type = collections.defaultdict(list)
    for variable in tf.nest.flatten(items):
        by_type[variable.dtype].append(variable)

    def take() -> None:
        replica = tf.distribute.get_replica_context()
        leads = replica.replica_id_in_sync_group == 0
        for variables in by_type.values():
            values = tf.concat([tf.reshape(v, [-1]) for v in variables], 0)
            # A sum with negative zeros changes no bit, not even of a zero.
            offered = tf.where(leads, values, -tf.zeros_like(values))
            taken = replica.all_reduce("SUM", offered)
            sizes = [variable.shape.num_elements() for variable in variables]
            for variable, value in zip(
                variables, tf.split(taken, sizes), strict=True
            ):
                variable.assign(tf.reshape(value, variable.shape))

    @tf.function(autograph=False)
    def share() -> None:
        placement.strategy.run(take)

    share()
