"""The losses of StarGAN and SDIT for one micro-batch (docs/baselines.md).

    L_D = -D(x) + D(y_hat) + l_cls CE(C(x), y) + l_gp (|g| - 1)^2
          + l_z |z - Z(y_hat)|
    L_G = -D(y_hat) + l_cls CE(C(y_hat), t) + l_cyc |x - G(y_hat, y)|
          + l_z |z - Z(y_hat)|

D, C and Z are the critic's patch scores, class logits and, of SDIT, latent; g
is the gradient of the scores by an image between x and y_hat. Both are sums
over the local images divided by the global number, so that gradients and logs
are summed, never averaged, over replicas.
"""

import tensorflow as tf

from deepi2i_tf.config import BaselineConfig
from deepi2i_tf.losses.classification import classification_loss
from deepi2i_tf.losses.latent import latent_distance
from deepi2i_tf.losses.reconstruction import l1_distance
from deepi2i_tf.losses.wasserstein import (
    gradient_penalty,
    wasserstein_discriminator_loss,
    wasserstein_generator_loss,
)

Logs = dict[str, tf.Tensor]


class CriticObjective:
    """Losses of a critic and of a generator against it.

    The critic is called with images, and gives patch scores, class logits and,
    where it reads one, a latent.

    Args:
        config: the weights.
        global_rows: images that one gradient is averaged over: those of all
            replicas and all accumulated micro-batches.
    """

    def __init__(self, config: BaselineConfig, global_rows: int) -> None:
        self.config = config
        self.global_rows = global_rows

    def mean(self, values: tf.Tensor) -> tf.Tensor:
        """This replica's share of the mean over the global batch.

        `values` are one per example, (batch,).
        """
        return tf.reduce_sum(values) / self.global_rows

    def discriminator_loss(
        self, critic, sources: tuple, fakes: tuple, mix
    ) -> tuple[tf.Tensor, Logs]:
        """L_D and its terms, before their weights.

        Args:
            critic: called with images.
            sources: images (batch, R, R, 3), and their classes.
            fakes: constants, their translations, and the z of each.
            mix: u of the penalty, (batch, 1), in [0, 1).
        """
        (images, labels), (fake, z) = sources, fakes
        patch, logits, *latent = critic(tf.concat([images, fake], axis=0))
        scores = wasserstein_discriminator_loss(*tf.split(patch, 2))
        real_term, fake_term = map(self.mean, scores)
        real_logits, _ = tf.split(logits, 2)
        logs = {
            "score_real": -real_term,
            "score_fake": fake_term,
            "critic_class": self.mean(classification_loss(real_logits, labels)),
            "gradient_penalty": self._penalty(critic, images, fake, mix),
        }
        config = self.config
        loss = (
            real_term
            + fake_term
            + config.classification_weight * logs["critic_class"]
            + config.gradient_penalty * logs["gradient_penalty"]
        )
        if latent and config.latent_in_discriminator:
            _, read = tf.split(*latent, 2)
            logs["critic_latent"] = self.mean(latent_distance(z, read))
            loss = loss + config.latent_weight * logs["critic_latent"]
        return loss, {"critic_loss": loss} | logs

    def generator_loss(
        self, critic, fakes: tuple, z, sources: tuple
    ) -> tuple[tf.Tensor, Logs]:
        """L_G and its terms, before their weights.

        Args:
            critic: called with images.
            fakes: translations, and their target classes.
            z: of each.
            sources: images, and what came back of them.
        """
        (fake, target), (images, back) = fakes, sources
        patch, logits, *latent = critic(fake)
        logs = {
            "generator_adversarial": self.mean(
                wasserstein_generator_loss(patch)
            ),
            "generator_class": self.mean(classification_loss(logits, target)),
            "cycle": self.mean(l1_distance(images, back)),
        }
        config = self.config
        loss = (
            logs["generator_adversarial"]
            + config.classification_weight * logs["generator_class"]
            + config.cycle_weight * logs["cycle"]
        )
        if latent:
            logs["generator_latent"] = self.mean(latent_distance(z, *latent))
            loss = loss + config.latent_weight * logs["generator_latent"]
        return loss, {"generator_loss": loss} | logs

    def _penalty(self, critic, images, fake, mix) -> tf.Tensor:
        share = mix[:, :, tf.newaxis, tf.newaxis]
        between = share * images + (1.0 - share) * fake
        with tf.GradientTape() as tape:
            tape.watch(between)
            patch, *_ = critic(between)
        return self.mean(gradient_penalty(tape.gradient(patch, between)))
