"""The losses of StarGAN, SDIT and DMIT (docs/baselines.md): their weights."""

import dataclasses

from deepi2i_tf.config.checks import at_least
from deepi2i_tf.config.fields import Options, option


@dataclasses.dataclass(frozen=True)
class BaselineConfig(Options):
    """Weights of the losses of StarGAN (arXiv 1711.09020), SDIT and DMIT."""

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
    identity_weight: float = option(
        10.0,
        "Weight of DMIT's image of a source's own content, style and class, "
        "which is the source (arXiv 1909.07877)",
        at_least(0.0),
    )
    content_weight: float = option(
        1.0,
        "Weight of the content that DMIT reads of a translation, which is its "
        "source's",
        at_least(0.0),
    )
    style_weight: float = option(
        1.0,
        "Weight of the style that DMIT reads of a translation, which is the z "
        "that it was made with",
        at_least(0.0),
    )
    diversity_weight: float = option(
        0.05,
        "Weight of how alike DMIT's translations by two z are",
        at_least(0.0),
    )
    kl_weight: float = option(
        0.08,
        "Weight of how far DMIT's styles are from a normal distribution, of "
        "each image",
        at_least(0.0),
    )
