"""StarGAN's and SDIT's losses, gradients and first step, as recorded."""

import keras
import numpy as np
import tensorflow as tf

from deepi2i_tf.losses.classification import classification_loss
from deepi2i_tf.losses.latent import latent_distance
from deepi2i_tf.losses.reconstruction import l1_distance
from deepi2i_tf.losses.wasserstein import (
    gradient_norm,
    gradient_penalty,
    wasserstein_discriminator_loss,
    wasserstein_generator_loss,
)
from deepi2i_tf.models.adam import Adam
from tests.parity import baselines

IMAGES = baselines.source_images()
ALPHA = baselines.mixing_shares()
DISCRIMINATOR_WEIGHTS = {"real": 1, "fake": 1, "cls": 1, "gp": 10}
GENERATOR_WEIGHTS = {"fake": 1, "cls": 1, "rec": 10, "noise": 10}


class Critics:
    """Generator and discriminator with the reference weights.

    Args:
        golden: the numbers.
        networks: `"G"` and `"D"`, built.
        entries: of both.
        latents: whether the generator takes z and the discriminator reads it.
    """

    def __init__(self, golden, networks, entries, latents) -> None:
        self.golden = golden
        self.generator, self.discriminator = networks["G"], networks["D"]
        self.entries = entries
        self.latents = latents
        self.images = IMAGES.astype(self.generator.variable_dtype)
        for net, each in entries.items():
            golden.load(each, net)

    def latent(self, tag):
        """The reference latents of a tag, in the networks' type."""
        return baselines.latent(tag).astype(self.images.dtype)

    def translate(self, images, labels, tag="z"):
        """A translation with the latents of a tag, where there are any."""
        z = self.latent(tag) if self.latents else None
        return self.generator(images, z, labels=labels)

    def discriminator_terms(self, fake) -> tuple[dict, dict]:
        """Terms of L_D, (batch,) each, and outputs by their recorded names."""
        real_patch, real_class, *_ = self.discriminator(self.images)
        fake_patch, fake_class, *read = self.discriminator(fake)
        mixed = tf.cast(ALPHA, fake.dtype) * (self.images - fake) + fake
        with tf.GradientTape() as tape:
            tape.watch(mixed)
            mixed_patch = self.discriminator(mixed)[0]
        gradients = tape.gradient(mixed_patch, mixed)
        real, of_fake = wasserstein_discriminator_loss(real_patch, fake_patch)
        terms = {
            "real": real,
            "fake": of_fake,
            "cls": classification_loss(real_class, baselines.SOURCE_LABELS),
            "gp": gradient_penalty(gradients),
        }
        outputs = {
            "real_patch": real_patch,
            "real_class": real_class,
            "fake_patch": fake_patch,
            "fake_class": fake_class,
            "mixed_patch": mixed_patch,
            "gradient_norm": gradient_norm(gradients),
        }
        if self.latents:
            z = self.latent("z_discriminator")
            terms["noise"] = latent_distance(z, read[0])
            outputs["fake_latent"] = read[0]
        return terms, outputs

    def generator_terms(self) -> dict:
        """Terms of L_G, (batch,) each, by their recorded names."""
        fake = self.translate(self.images, baselines.TARGET_LABELS)
        patch, logits, *read = self.discriminator(fake)
        back = self.translate(fake, baselines.SOURCE_LABELS, "z_back")
        terms = {
            "fake": wasserstein_generator_loss(patch),
            "cls": classification_loss(logits, baselines.TARGET_LABELS),
            "rec": l1_distance(self.images, back),
        }
        if self.latents:
            terms["noise"] = latent_distance(self.latent("z"), read[0])
        return terms

    def discriminator_losses(self) -> tuple[dict, dict]:
        """Errors of all that is recorded of L_D, and gradients by path."""
        fake = self.translate(
            self.images, baselines.TARGET_LABELS, "z_discriminator"
        )
        with tf.GradientTape(persistent=True) as tape:
            terms, outputs = self.discriminator_terms(fake)
            total = _total(terms, DISCRIMINATOR_WEIGHTS)
            noise = tf.reduce_mean(terms.get("noise", 0.0))
        errors = self._errors("loss/d_", terms) | {
            f"discriminator/{name}": self.golden.error(
                f"discriminator/{name}", value
            )
            for name, value in outputs.items()
        }
        errors["loss/d_total"] = self.golden.error("loss/d_total", total)
        gradients = gradients_by_path(tape, total, self.discriminator)
        errors |= self._gradient_errors("d_grad/", "D", gradients)
        if self.latents:
            of_noise = gradients_by_path(tape, noise, self.discriminator)
            errors |= self._gradient_errors("d_noise_grad/", "D", of_noise)
        return errors, gradients

    def generator_losses(self, prefix="") -> tuple[dict, dict]:
        """Errors of all that is recorded of L_G, and gradients by path."""
        with tf.GradientTape() as tape:
            terms = self.generator_terms()
            total = _total(terms, GENERATOR_WEIGHTS)
        gradients = gradients_by_path(tape, total, self.generator)
        errors = self._errors(f"{prefix}loss/g_", terms)
        if not prefix:
            errors["loss/g_total"] = self.golden.error("loss/g_total", total)
            errors |= self._gradient_errors("g_grad/", "G", gradients)
        return errors, gradients

    def all_losses(self) -> dict[str, float]:
        """Errors of losses and gradients, then of one step of both."""
        errors, of_critic = self.discriminator_losses()
        errors |= self.generator_losses()[0]
        errors |= self._step("D", self.discriminator, of_critic)
        stepped, of_generator = self.generator_losses("step/")
        errors |= stepped
        return errors | self._step("G", self.generator, of_generator)

    def _step(self, net, network, gradients) -> dict[str, float]:
        # PyTorch adds epsilon, 1e-8, behind the correction of the moments.
        adam = Adam(
            learning_rate=1e-4,
            beta_1=0.5,
            beta_2=0.999,
            epsilon=1e-8 * 1e-3**0.5,
        )
        variables = network.trainable_variables
        adam.build(variables)
        adam.apply([gradients[v.path] for v in variables], variables)
        stepped = {v.path: v.numpy() for v in variables}
        return self._gradient_errors(f"step/{net}/", net, stepped)

    def _errors(self, prefix, terms) -> dict[str, float]:
        return {
            prefix + name: self.golden.error(
                prefix + name, tf.reduce_mean(term)
            )
            for name, term in terms.items()
        }

    def _gradient_errors(self, prefix, net, gradients) -> dict[str, float]:
        return self.golden.gradient_errors(prefix, self.entries[net], gradients)


def _total(terms, weights):
    return sum(
        weights[name] * tf.reduce_mean(term)
        for name, term in terms.items()
        if name in weights
    )


def gradients_by_path(
    tape, loss, network: keras.Model
) -> dict[str, np.ndarray]:
    """Path -> gradient; of what the loss does not reach, zeros."""
    variables = network.trainable_variables
    gradients = tape.gradient(
        loss,
        [v.value for v in variables],
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    return {
        variable.path: tf.convert_to_tensor(gradient).numpy()
        for variable, gradient in zip(variables, gradients, strict=True)
    }
