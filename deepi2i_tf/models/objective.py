"""The two losses of DeepI2I for one micro-batch (arXiv 2011.05867, eq. 1-3).

    L_D = E[real term] + E[fake term] (+ R1)
    L_G = E[adversarial term] + sum_l alpha_l |Psi_l(x) - Psi_l(y_hat)|

Both are sums over the local images divided by the global number, so that
gradients and logs are summed, never averaged, over replicas.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from deepi2i_tf.config import FEATURE_RESOLUTIONS, ObjectiveConfig
from deepi2i_tf.losses.adversarial import (
    DISCRIMINATOR_LOSSES,
    GENERATOR_LOSSES,
)
from deepi2i_tf.losses.reconstruction import (
    FEATURE_DISTANCES,
    feature_distance,
    ssim_distance,
)
from deepi2i_tf.losses.regularizers import lecam_penalty, r1_penalty
from deepi2i_tf.models.loss_scaling import scaled_gradients
from deepi2i_tf.models.ramps import ClassTransition
from deepi2i_tf.models.score_statistics import ScoreAverages

# (images, labels, training=) to scores and features.
Scorer = Callable[..., tuple]


class Objective:
    """Losses of a discriminator and of a generator against it.

    Args:
        config: which losses, and their weights.
        global_rows: images that one gradient is averaged over: those of all
            replicas and all accumulated micro-batches.
        transition: of the class; None has it whole from the start.
    """

    def __init__(
        self,
        config: ObjectiveConfig,
        global_rows: int,
        transition: ClassTransition | None = None,
    ) -> None:
        self.config = config
        self.global_rows = global_rows
        self.transition = transition
        self.alphas = dict(
            zip(
                FEATURE_RESOLUTIONS,
                config.reconstruction_weights,
                strict=True,
            )
        )

    def mean(self, values: tf.Tensor) -> tf.Tensor:
        """This replica's share of the mean over the global batch.

        `values` are one per example, (batch,) or (batch, 1).
        """
        return tf.reduce_sum(values) / self.global_rows

    def discriminator_loss(
        self,
        discriminator: Scorer,
        fakes: tuple,
        reals: tuple,
        score_averages: ScoreAverages | None = None,
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """L_D and its terms, from one pass over [fakes, reals].

        Args:
            discriminator: scores images.
            fakes: constants (batch, R, R, 3), and their target classes.
            reals: as many images, and their classes.
            score_averages: of LeCam; None is without it.
        """
        (fake, fake_label), (real, real_label) = fakes, reals
        scores, features = discriminator(
            tf.concat([fake, real], axis=0),
            tf.concat([fake_label, real_label], axis=0),
            training=True,
        )
        fake_scores, real_scores = both = tf.split(scores, 2)
        terms = self._with_class(self._discriminator_terms, both, features)
        real_term, fake_term = tf.unstack(terms)
        loss = real_term + fake_term
        logs = {
            "discriminator_loss": loss,
            "discriminator_real": real_term,
            "discriminator_fake": fake_term,
            "score_real": self.mean(real_scores),
            "score_fake": self.mean(fake_scores),
        }
        if self.config.augment_target > 0.0:
            logs["sign_real"] = self.mean(tf.sign(real_scores))
        if score_averages is not None:
            lecam = self._lecam(real_scores, fake_scores, score_averages)
            logs["lecam"] = lecam
            loss = loss + self.config.lecam * score_averages.in_use * lecam
        return loss, logs

    def generator_loss(
        self, discriminator: Scorer, fake, fake_label, source, label
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """L_G of translations `fake` of the sources, and its terms.

        The sources' features are constants to what generates, so they pass
        the discriminator apart from the fakes, and no gradient is computed
        for them. They pass it first: the power iteration that they use and do
        not store is then the very one that the fakes store.
        """
        of_source = None
        if self.config.reconstruction in FEATURE_DISTANCES:
            _, of_source = discriminator(source, label, training=False)
        scores, of_fake = discriminator(fake, fake_label, training=True)
        adversarial = self._adversarial(scores, of_fake)
        reconstruction = self.mean(
            self.reconstruction(source, fake, of_source, of_fake)
        )
        loss = adversarial + reconstruction
        return loss, {
            "generator_loss": loss,
            "generator_adversarial": adversarial,
            "reconstruction": reconstruction,
        }

    def adversarial_loss(
        self, discriminator: Scorer, fake, fake_label
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """L_G of images that come from no source: its adversarial term."""
        scores, features = discriminator(fake, fake_label, training=True)
        loss = self._adversarial(scores, features)
        return loss, {"generator_loss": loss}

    def consistency(
        self, discriminator: Scorer, changed, real, real_label
    ) -> tf.Tensor:
        """Mean squared difference of scores of reals and of changed ones.

        Both passes move no state; arXiv 1910.12027, eq. 3.
        """
        scores, _ = discriminator(
            tf.concat([changed, real], axis=0),
            tf.concat([real_label, real_label], axis=0),
            training=False,
        )
        one, other = tf.split(scores, 2)
        return self.mean(tf.square(one - other))

    def r1(
        self, discriminator: keras.Model, real, real_label
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Gamma / 2 times R1, times `r1_every` for steps without; R1 itself.

        The discriminator's states stand still.
        """
        with tf.GradientTape() as tape:
            tape.watch(real)
            scores, _ = discriminator(real, real_label, training=False)
        penalty = self.mean(r1_penalty(tape.gradient(scores, real)))
        weight = 0.5 * self.config.r1 * self.config.r1_every
        return weight * penalty, penalty

    def lazy_r1_gradients(
        self, discriminator: keras.Model, real, real_label, step, scale=None
    ) -> tuple[list[tf.Tensor], tf.Tensor]:
        """Gradients of `r1` in every `r1_every`-th step, else zeros; R1 itself.

        `step` counts finished steps; `scale` is that of `loss_scaling.py`.
        """
        # TensorFlow's own: it cannot make a zero for a Keras variable.
        variables = [v.value for v in discriminator.trainable_variables]

        def penalised():
            with tf.GradientTape() as tape:
                loss, penalty = self.r1(discriminator, real, real_label)
            # The last bias does not enter a gradient by images.
            zero = tf.UnconnectedGradients.ZERO
            gradients = scaled_gradients(
                tape, loss, variables, scale, unconnected_gradients=zero
            )
            return gradients, penalty

        def skipped():
            return [tf.zeros(v.shape, v.dtype) for v in variables], 0.0

        return tf.cond(step % self.config.r1_every == 0, penalised, skipped)

    def _lecam(self, real, fake, averages: ScoreAverages) -> tf.Tensor:
        terms = lecam_penalty(real, fake, averages.real, averages.fake)
        return self.mean(sum(terms))

    def _discriminator_terms(self, fake_scores, real_scores) -> tf.Tensor:
        losses = DISCRIMINATOR_LOSSES[self.config.loss]
        both = losses(real_scores, fake_scores)
        return tf.stack([self.mean(values) for values in both])

    def _adversarial(self, fake_scores, features) -> tf.Tensor:
        def term(scores):
            return self.mean(GENERATOR_LOSSES[self.config.loss](scores))

        return self._with_class(term, (fake_scores,), features)

    def _with_class(self, loss: Callable, scores: tuple, features):
        if self.transition is None:
            return loss(*scores)
        return self.transition.with_plain(loss, scores, features)

    def reconstruction(self, source, fake, of_source, of_fake) -> tf.Tensor:
        """Eq. 3 for each source, (batch,); features are None for images alone.

        A subclass may compare otherwise.
        """
        kind = self.config.reconstruction
        if kind == "none":
            return tf.zeros((tf.shape(fake)[0],))
        if kind == "ssim":
            alpha = self.config.reconstruction_weights[0]
            return alpha * ssim_distance(source, fake)
        return feature_distance(of_source, of_fake, self.alphas, kind)
