"""All workers of a run must mean the same run, or none may begin it."""

import json
from typing import Any

from deepi2i_tf.config import Config
from deepi2i_tf.runs.identity import DATA_SUMS, MAY_DIFFER, differing_fields
from deepi2i_tf.training.distributed.strategy import DistributionContext
from deepi2i_tf.utils.errors import UserError

_SAID, _AGREED = "said", "agreed"


def check_workers_agree(
    placement: DistributionContext, config: Config, facts: dict[str, Any]
) -> None:
    """Compares this worker's run with the leader's.

    Args:
        placement: where steps run; its peers tell each other.
        config: the configuration, `num_classes` filled in.
        facts: `run_identity.data_facts`.

    Raises:
        UserError: flags, data or number of replicas are others.
    """
    peers = placement.peers
    here = {
        "config": config.to_dict(),
        "data": [facts[name] for name in DATA_SUMS],
        "replicas": placement.num_replicas,
    }
    if peers.leads:
        peers.tell(_SAID, json.dumps(here))
        peers.hear_all(_AGREED)
        return
    there = json.loads(peers.hear(_SAID))
    differing = differing_fields(there["config"], here["config"], MAY_DIFFER)
    if there["data"] != here["data"]:
        differing.append(f"the data set's shards (here in {facts['path']})")
    if there["replicas"] != here["replicas"]:
        differing.append(
            f"replicas in all ({there['replicas']} there, {here['replicas']} "
            "here: every worker needs as many GPUs)"
        )
    if differing:
        raise UserError(
            f"Expected worker {peers.index} to start as worker 0 does. "
            f"Received other values of: {', '.join(differing)}. Start the "
            "same command over the same data on every worker."
        )
    peers.tell(_AGREED)
