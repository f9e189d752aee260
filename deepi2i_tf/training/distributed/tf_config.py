"""The cluster of a run over several processes or machines, from TF_CONFIG.

TensorFlow's own variable, which Kubernetes operators and Slurm scripts set:

    TF_CONFIG={"cluster": {"worker": ["host0:2222", "host1:2222"]},
               "task": {"type": "worker", "index": 0}}

A job "chief" of one address may stand before the workers. Without it, worker
0 is the chief: it alone writes the run directory.
"""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from deepi2i_tf.utils.errors import UserError

VARIABLE = "TF_CONFIG"
_JOBS = ("chief", "worker")  # in the order that TensorFlow counts them
_EXAMPLE = (
    '{"cluster": {"worker": ["host0:2222", "host1:2222"]}, "task": '
    '{"type": "worker", "index": 0}}'
)


@dataclasses.dataclass(frozen=True)
class Cluster:
    """All workers of a run, and which of them this process is.

    Args:
        addresses: `host:port` of every worker, the chief's first.
        index: this process' among them.
    """

    addresses: tuple[str, ...]
    index: int

    @property
    def size(self) -> int:
        """Number of workers."""
        return len(self.addresses)


def read_cluster(environment: Mapping[str, str]) -> Cluster | None:
    """The cluster that TF_CONFIG names.

    None without TF_CONFIG or with one worker in it.

    Raises:
        UserError: TF_CONFIG is not what TensorFlow understands.
    """
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return None
    values = _object(text)
    jobs = values.get("cluster") or {}
    if not isinstance(jobs, dict):
        raise _malformed(f"cluster={jobs!r}")
    strange = sorted(set(jobs) - set(_JOBS))
    if strange:
        raise _malformed(f"a job {strange[0]!r} besides chief and worker")
    named = {job: _addresses(job, jobs[job]) for job in _JOBS if job in jobs}
    if len(named.get("chief", ())) > 1:
        raise _malformed("more than one chief")
    addresses = tuple(a for job in named.values() for a in job)
    if len(addresses) < 2:
        return None
    if len(set(addresses)) < len(addresses):
        raise _malformed("an address that is named twice")
    return Cluster(addresses, _index(values.get("task"), named))


def _object(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise _malformed(f"what is no JSON ({error})") from error
    if not isinstance(values, dict):
        raise _malformed(f"the JSON {text[:60]}")
    return values


def _addresses(job: str, value: object) -> list[str]:
    """The addresses of one job, each a host and a port."""
    if not isinstance(value, list):
        raise _malformed(f"{job}={value!r}")
    for address in value:
        host, _, port = str(address).rpartition(":")
        if not host or not port.isdigit():
            raise _malformed(f"the address {address!r}")
    return value


def _index(task: object, named: Mapping[str, list[str]]) -> int:
    """This process' index among all workers."""
    job, index = None, None
    if isinstance(task, dict):
        job, index = task.get("type"), task.get("index")
    if job not in named or not str(index).isdigit():
        raise _malformed(f"task={task!r}")
    if int(index) >= len(named[job]):
        raise _malformed(f"task {job} {index} among {len(named[job])}")
    before = len(named["chief"]) if job == "worker" and "chief" in named else 0
    return before + int(index)


def _malformed(received: str) -> UserError:
    return UserError(
        f"Expected {VARIABLE} to be like {_EXAMPLE}. Received: {received}. "
        f"Mend it, or unset {VARIABLE} to train on this machine alone."
    )
