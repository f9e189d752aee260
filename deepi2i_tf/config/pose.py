"""Which losses keep the pose of a source, all off by default."""

import dataclasses

from deepi2i_tf.config.checks import RAMP, at_least, choice, fraction
from deepi2i_tf.config.fields import Options, option

CYCLE_EVERY = 4
EQUIVARIANCE_FORMS = ("contrast", "l1")


@dataclasses.dataclass(frozen=True)
class PoseConfig(Options):
    """Losses that compare translations within a class (docs/pose.md)."""

    equivariance: float = option(
        0.0,
        "Weight of equivariance: a turned, scaled, shifted source is to give "
        "the turned, scaled, shifted translation (arXiv 1809.05852)",
        at_least(0.0),
    )
    equivariance_form: str = option(
        "contrast",
        "Contrast tells the true transform from wrong ones by cross entropy; "
        "l1 is the distance alone",
        choice(EQUIVARIANCE_FORMS),
    )
    equivariance_share: float = option(
        1.0, "Fraction of the batch's pairs that are posed", fraction()
    )
    pose_ramp: tuple[int, ...] = option(
        (0, 0),
        "Steps between which the weights of these losses grow from 0",
        RAMP,
    )
    identity: float = option(
        0.0,
        "Weight of the identity loss: a source translated into its own class "
        "is itself",
        at_least(0.0),
    )
    identity_share: float = option(
        0.25,
        "Probability that the identity loss gives a row its own class as "
        "target",
        fraction(),
    )
    cycle: float = option(
        0.0,
        "Weight of the cycle: a translation, translated back, is its source "
        "(arXiv 1703.10593); of every fourth row",
        at_least(0.0),
    )

    @property
    def rows_together(self) -> int:
        """A replica's rows must be a multiple of it."""
        if self.cycle > 0.0:
            return CYCLE_EVERY
        return 2 if self.equivariance > 0.0 else 1
