"""Losses of latents, per example.

SDIT (arXiv 1908.06881, eq. 5) has a critic read from a translation the latent
z that it was made with, and DMIT (arXiv 1909.07877) an encoder; DMIT's styles
are drawn from N(mu, sigma^2), which is held near N(0, 1).
"""

from keras import ops

from deepi2i_tf.utils.backend import upcast


def latent_distance(z, read):
    """Mean absolute difference of two latents (batch, length); (batch,)."""
    return ops.mean(ops.abs(upcast(z) - upcast(read)), axis=-1)


def kl_divergence(mean, log_variance):
    """KL(N(mu, sigma^2) | N(0, 1)), summed over the latent; (batch,).

        -1/2 sum (1 + log sigma^2 - mu^2 - sigma^2)

    Args:
        mean: mu, (batch, length).
        log_variance: log sigma^2, of the same shape.
    """
    mean, log_variance = upcast(mean), upcast(log_variance)
    terms = 1.0 + log_variance - ops.square(mean) - ops.exp(log_variance)
    return -0.5 * ops.sum(terms, axis=-1)
