"""The section of a configuration about collapses: how seen, what is done."""

import dataclasses

from deepi2i_tf.config.checks import at_least, choice
from deepi2i_tf.config.fields import Options, option

WARN, STOP, ROLLBACK = ON_COLLAPSE = ("warn", "stop", "rollback")


@dataclasses.dataclass(frozen=True)
class MonitorConfig(Options):
    """The watch over a training that may collapse (training.collapse_monitor).

    The first two values of `on_collapse` change no bit of a run.
    """

    on_collapse: str = option(
        WARN,
        "What a collapse does: warn says so and goes on, stop ends the run "
        "with its checkpoint saved, rollback goes back to a checkpoint that "
        "was healthy and on with other images and noise",
        choice(ON_COLLAPSE),
    )
    # A probe costs 2.6 steps at 64 px and batch 16 (monitor_cost.py), and two
    # of them tell a collapse: at most 2 % of a run, and 300 steps.
    monitor_every: int = option(
        150,
        "Steps between probes: a few held-out sources translated by the raw "
        "weights; 0 makes none",
        at_least(0),
    )
    max_rollbacks: int = option(
        3,
        "Rollbacks of a run; the next collapse ends it. The second and later "
        "ones halve all learning rates",
        at_least(1),
    )
    rollback_margin: int = option(
        500,
        "Steps by which a checkpoint must be older than the last quiet moment "
        "for a rollback to return to it",
        at_least(0),
    )
