"""StarGAN, SDIT and DMIT on JAX, for `jax_networks.py`."""

import jax
import numpy as np
from keras import ops

from deepi2i_tf.losses.classification import classification_loss
from deepi2i_tf.losses.wasserstein import (
    gradient_penalty,
    wasserstein_discriminator_loss,
)
from deepi2i_tf.networks.dmit_decoder import DMITDecoder
from deepi2i_tf.networks.dmit_encoders import ContentEncoder, StyleEncoder
from deepi2i_tf.networks.dmit_judges import ContentJudge, ImageJudge
from deepi2i_tf.networks.sdit import SDITGenerator
from deepi2i_tf.networks.stargan import StarGANDiscriminator, StarGANGenerator
from tests.parity import baselines

STARGAN, SDIT, DMIT = map(baselines.Golden, ("stargan", "sdit", "dmit"))
IMAGES = baselines.source_images().astype(np.float32)
TARGETS = baselines.TARGET_LABELS
ALPHA = baselines.mixing_shares().astype(np.float32)


def drawn(golden, kind, net, unused="\0"):
    """A network with the reference weights, and its entries."""
    network = baselines.built(kind, "float32")
    entries = golden.entries(network, net, unused)
    golden.load(entries, net)
    return network, entries


def outputs() -> dict[str, float]:
    """Errors of images, and of the first call of each network of DMIT."""
    z = baselines.latent("z").astype(np.float32)
    generator, _ = drawn(SDIT, SDITGenerator, "G", "ada.dec.")
    image = generator(IMAGES, z, labels=TARGETS)
    errors = {"image": SDIT.error("image", image)}
    content, _ = drawn(DMIT, ContentEncoder, "enc_content")
    style, _ = drawn(DMIT, StyleEncoder, "enc_style")
    judge, _ = drawn(DMIT, ContentJudge, "dis_content")
    h = content(IMAGES, training=True)
    mean, log_variance = style(IMAGES, training=True)
    found = {
        "call/enc_content/0": h,
        "call/enc_style/0/mu": mean,
        "call/enc_style/0/logvar": log_variance,
        "call/dis_content/0": judge(h, TARGETS, training=True),
    }
    errors |= {
        f"dmit/{key}": DMIT.error(key, each) for key, each in found.items()
    }
    decoder, _ = drawn(DMIT, DMITDecoder, "dec")
    # Of the four batches that the recorded call decodes, the third.
    prior = np.asarray(decoder(h, z, TARGETS, training=True))
    recorded = DMIT.numbers["call/dec/0"][6:9]
    errors["call/dec/0"] = float(np.abs(prior - recorded).max())
    judge, _ = drawn(DMIT, ImageJudge, "dis_rand_prior")
    for scale, scores in enumerate(judge(prior, TARGETS, training=True), 1):
        key = f"call/dis_rand_prior/0/{scale}"
        errors[key] = DMIT.error(key, scores)
    return errors


def critic_gradients() -> dict[str, float]:
    """Errors of StarGAN's critic's gradients, two deep in the penalty."""
    generator, _ = drawn(STARGAN, StarGANGenerator, "G")
    critic, entries = drawn(STARGAN, StarGANDiscriminator, "D")
    fake = generator(IMAGES, labels=TARGETS)
    mixed = ALPHA * IMAGES + (1.0 - ALPHA) * fake

    def scores(weights, images):
        return critic.stateless_call(weights, [], images)[0]

    def loss(weights):
        patch, logits = scores(weights, IMAGES)
        by_images = jax.grad(lambda x: ops.sum(scores(weights, x)[0]))(mixed)
        real, of_fake = wasserstein_discriminator_loss(
            patch, scores(weights, fake)[0]
        )
        classes = classification_loss(logits, baselines.SOURCE_LABELS)
        terms = real + of_fake + classes + 10.0 * gradient_penalty(by_images)
        return ops.mean(terms)

    variables = critic.trainable_variables
    found = jax.jit(jax.grad(loss))([v.value for v in variables])
    gradients = {
        variable.path: np.asarray(gradient)
        for variable, gradient in zip(variables, found, strict=True)
    }
    return STARGAN.gradient_errors("d_grad/", entries, gradients)
