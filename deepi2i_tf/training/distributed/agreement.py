"""All workers begin one run: the same flags and data, then the same weights."""

import collections
import json
from typing import Any

import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.runs.identity import DATA_SUMS, MAY_DIFFER, differing_fields
from deepi2i_tf.training.distributed.strategy import DistributionContext
from deepi2i_tf.utils.errors import UserError

_SAID, _AGREED = "said", "agreed"


def check_workers_agree(
    distribution: DistributionContext, config: Config, facts: dict[str, Any]
) -> None:
    """Compares this worker's run with the chief's.

    Raises:
        UserError: flags, data or number of replicas differ.
    """
    coordinator = distribution.coordinator
    current = {
        "config": config.to_dict(),
        "data": [facts[name] for name in DATA_SUMS],
        "replicas": distribution.num_replicas,
    }
    if coordinator.is_chief:
        coordinator.put(_SAID, json.dumps(current))
        coordinator.wait_all(_AGREED)
        return
    chief = json.loads(coordinator.get(_SAID))
    differing = differing_fields(chief["config"], current["config"], MAY_DIFFER)
    if chief["data"] != current["data"]:
        differing.append(f"the data set's shards (here in {facts['path']})")
    if chief["replicas"] != current["replicas"]:
        differing.append(
            f"replicas in all ({chief['replicas']} there, "
            f"{current['replicas']} here: every worker needs as many GPUs)"
        )
    if differing:
        raise UserError(
            f"Expected worker {coordinator.index} to start as worker 0 does. "
            f"Received other values of: {', '.join(differing)}. Start the "
            "same command over the same data on every worker."
        )
    coordinator.put(_AGREED)


def broadcast_variables(
    distribution: DistributionContext, items: dict[str, Any]
) -> None:
    """Brings variables to the chief's values, bit for bit.

    Every worker calls this; only the chief needs to have read a checkpoint.
    One worker alone has nothing to share.
    """
    if distribution.coordinator.size == 1:
        return
    by_type = collections.defaultdict(list)
    for variable in tf.nest.flatten(items):
        by_type[variable.dtype].append(variable)

    def take() -> None:
        replica = tf.distribute.get_replica_context()
        is_first = replica.replica_id_in_sync_group == 0
        for variables in by_type.values():
            values = tf.concat([tf.reshape(v, [-1]) for v in variables], 0)
            # A sum with negative zeros changes no bit, not even of a zero.
            offered = tf.where(is_first, values, -tf.zeros_like(values))
            taken = replica.all_reduce("SUM", offered)
            sizes = [variable.shape.num_elements() for variable in variables]
            for variable, value in zip(
                variables, tf.split(taken, sizes), strict=True
            ):
                variable.assign(tf.reshape(value, variable.shape))

    @tf.function(autograph=False)
    def broadcast() -> None:
        distribution.strategy.run(take)

    broadcast()
