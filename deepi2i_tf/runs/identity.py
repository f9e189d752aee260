"""What makes a run the same run: its configuration and its data.

A checkpoint goes on with the bits of the run that wrote it, so everything
that numbers depend on must be the same; what only says how long, how often or
where something is written may change.
"""

import hashlib
import os
from collections.abc import Iterable, Set
from typing import Any

import numpy as np

from deepi2i_tf.config import ROLLBACK, Config
from deepi2i_tf.data import PreparedData, ends_sha256
from deepi2i_tf.utils.errors import UserError

# Of the facts on a data set: what tells it from others.
DATA_SUMS = ("shards_sha256", "ends_sha256")

MAY_CHANGE = frozenset(
    {
        "steps",
        "checkpoint_every",
        "keep_checkpoints",
        "sample_every",
        "evaluate_every",
        "best_metric",
        "log_every",
        "run_dir",
        "runs_dir",
        "name",
        "data_dir",  # data.json says whether it holds the same images
        "data_config",
        "data_source",
        "verify_data",
        "on_collapse",
        "monitor_every",
        "max_rollbacks",
        "rollback_margin",
    }
)
# Of a run that may go back, what decides when and where to.
DECIDES_ROLLBACKS = frozenset(
    {
        "on_collapse",
        "monitor_every",
        "max_rollbacks",
        "rollback_margin",
        "checkpoint_every",
        "evaluate_every",
        "log_every",
    }
)

# Of the workers of one run: where each finds the data, and what only the one
# that writes needs.
MAY_DIFFER = frozenset(
    {"run_dir", "runs_dir", "name", "data_dir", "data_source", "verify_data"}
)


def differing_fields(
    stored: dict[str, dict[str, Any]],
    current: dict[str, dict[str, Any]],
    may_differ: Set[str] = MAY_CHANGE,
) -> list[str]:
    """What two configurations do not agree on: "ch (16 there, 32 here)".

    Args:
        stored: a `Config.to_dict()`, as JSON gives it back.
        current: the `Config.to_dict()` of this command.
        may_differ: names of fields that do not matter.
    """
    differing = []
    # What a version before did not know yet, it did as the default does.
    defaults = Config().to_dict()
    for section, fields in current.items():
        others = defaults[section] | stored.get(section, {})
        for name, value in fields.items():
            value = list(value) if isinstance(value, tuple) else value
            other = others[name]
            other = list(other) if isinstance(other, tuple) else other
            if name not in may_differ and other != value:
                differing.append(f"{name} ({other} there, {value} here)")
    return differing


def require_same_run(
    path: str | os.PathLike,
    stored: dict[str, dict[str, Any]],
    config: Config,
) -> None:
    """Refuses a run directory that was begun with another configuration."""
    may_change = MAY_CHANGE
    if stored.get("monitor", {}).get("on_collapse") == ROLLBACK:
        may_change -= DECIDES_ROLLBACKS
    if stored.get("optimizer", {}).get("decay_steps"):
        may_change -= {"steps"}  # Rates fall towards the last one.
    differing = differing_fields(stored, config.to_dict(), may_change)
    if differing:
        raise UserError(
            f"Expected {path} to hold a run of this configuration. Received "
            f"other values of: {', '.join(differing)}. Choose another "
            "--run_dir, or give the flags of that run (its flags.cfg)."
        )


def data_facts(prepared: PreparedData) -> dict[str, Any]:
    """What `data.json` says of the prepared data set.

    Beside names and counts a digest over what is written down of every shard,
    and one over the ends of all shards as they are.
    """
    digest = hashlib.sha256()
    for split in sorted(prepared.shards):
        for shard in prepared.shards[split]:
            # TFDS writes no checksums down; a size is what costs nothing.
            content = shard.sha256 or shard.num_bytes
            digest.update(f"{split} {shard.file} {content}\n".encode())
    return {
        "path": os.path.abspath(prepared.path),
        "dataset": prepared.dataset,
        "config": prepared.config,
        "version": prepared.version,
        "resolution": prepared.resolution,
        "class_names": list(prepared.class_names),
        "num_examples": dict(prepared.num_examples),
        "shards_sha256": digest.hexdigest(),
        "ends_sha256": ends_sha256(prepared),
        **prepared.fit.to_dict(),
    }


def require_same_data(
    path: str | os.PathLike, stored: dict[str, Any], current: dict[str, Any]
) -> None:
    """Refuses to go on with other images than the run began with."""
    # A version before did not write ends down.
    if any(
        stored[name] != current[name] for name in DATA_SUMS if name in stored
    ):
        raise UserError(
            f"Expected {path} to go on with the data set it began with, "
            f"{stored['dataset']}/{stored['config']} of {stored['path']}. "
            f"Received: other shards in {current['path']}. Point --data_dir at "
            "the first, or choose another --run_dir."
        )


def weights_sha256(named_weights: Iterable[tuple[str, object]]) -> str:
    """One sum over every weight, equal for equal bits and only then.

    Over name, dtype, shape and bytes of each (name, variable), by name.
    """
    digest = hashlib.sha256()
    for name, variable in sorted(named_weights, key=lambda pair: pair[0]):
        value = np.ascontiguousarray(variable.numpy())
        digest.update(f"{name} {value.dtype} {value.shape}\n".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()
