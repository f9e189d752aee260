"""Wasserstein losses of a critic D with patch scores, per example.

    D: -D(x) + D(y_hat)      G: -D(y_hat)      D(.): the mean over the patch

and, with g the gradient of the summed patch scores at u x + (1 - u) y_hat, u
uniform in [0, 1], the penalty that keeps the critic's slope at 1,

    (|g| - 1)^2.

Gulrajani et al., arXiv 1704.00028, eq. 3, as StarGAN (arXiv 1711.09020, eq. 8)
uses it. The released code takes the bare square root, whose gradient at g = 0
is none: here 1e-12 stands under it.
"""

from keras import ops

from deepi2i_tf.utils.backend import upcast

UNDER_THE_ROOT = 1e-12
EACH_EXAMPLE = (1, 2, 3)


def wasserstein_discriminator_loss(real, fake):
    """-D(x) and D(y_hat), each (batch,), of patches (batch, m, m, 1)."""
    return -_mean(real), _mean(fake)


def wasserstein_generator_loss(fake):
    """-D(y_hat), (batch,), of patch scores (batch, m, m, 1)."""
    return -_mean(fake)


def gradient_norm(gradients):
    """|g| of gradients by images, (batch, R, R, 3); (batch,)."""
    squares = ops.square(upcast(gradients))
    return ops.sqrt(ops.sum(squares, axis=EACH_EXAMPLE) + UNDER_THE_ROOT)


def gradient_penalty(gradients):
    """(|g| - 1)^2 of gradients by images, (batch, R, R, 3); (batch,)."""
    return ops.square(gradient_norm(gradients) - 1.0)


def _mean(patch):
    return ops.mean(upcast(patch), axis=EACH_EXAMPLE)
