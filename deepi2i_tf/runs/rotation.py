"""Which checkpoints stay on the disk.

Decided by what the checkpoints say of themselves and nothing else: a run that
was stopped or killed and went on keeps those that an undisturbed one keeps.
"""

from collections.abc import Mapping
from typing import Any

SCHEDULED = "scheduled"
BEST = "best"


def steps_to_keep(
    metas: Mapping[int, Mapping[str, Any]], keep: int
) -> set[int]:
    """Chooses the newest checkpoints, and those that they call the best.

    A checkpoint between two scheduled ones, which a signal or a new best had
    written, stays while it is the newest or the best; it takes no other's
    place. A best that was overtaken stays as long as an older checkpoint
    names it: a run that has to fall back to that one finds its best there.

    Args:
        metas: the `checkpoint.json` of each checkpoint, by step. `SCHEDULED`
            says whether it was due anyway, true where it is missing; `BEST`
            is the record of `BestCheckpoint`, or None.
        keep: how many of the newest scheduled ones stay.

    Returns:
        The steps whose checkpoints stay.
    """
    steps = sorted(metas)
    scheduled = [step for step in steps if metas[step].get(SCHEDULED, True)]
    kept = {*scheduled[-keep:], *steps[-1:]}
    bests = [metas[step].get(BEST) for step in kept]
    kept.update(best["step"] for best in bests if best)
    return kept.intersection(steps)
