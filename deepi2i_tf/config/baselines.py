"""The losses of StarGAN and SDIT (docs/baselines.md), and their weights."""

import dataclasses

from deepi2i_tf.config.checks import at_least
from deepi2i_tf.config.fields import Options, option


@dataclasses.dataclass(frozen=True)
class BaselineConfig(Options):
    """Weights of the losses of StarGAN (arXiv 1711.09020) and SDIT."""

    classification_weight: float = option(
        1.0, "Weight of the class that the critic reads", at_least(0.0)
    )
    cycle_weight: float = option(
        10.0,
        "Weight of the way back: a translation, translated into its source's "
        "class, is its source",
        at_least(0.0),
    )
    gradient_penalty: float = option(
        10.0,
        "Weight of the critic's gradient penalty (arXiv 1704.00028)",
        at_least(0.0),
    )
    latent_weight: float = option(
        10.0,
        "Weight of the z that SDIT's critic reads of a translation "
        "(arXiv 1908.06881; its authors trained with 800)",
        at_least(0.0),
    )
    latent_in_discriminator: bool = option(
        True,
        "SDIT's critic learns to read z, too; without it, what reads z keeps "
        "its random start",
    )
