"""Regularisers of weights and of the discriminator, all off by default."""

from collections.abc import Iterable

from keras import ops

from deepi2i_tf.utils.backend import upcast


def orthogonal_penalty(weights: Iterable):
    """BigGAN's modified orthogonal regularisation.

    arXiv 1809.11096, eq. 3: with W as (outputs, everything else),

        sum over W of |W W^T * (1 - I)|_F^2,

    so that filters are made orthogonal and their norms left free. Outputs are
    the weights' last axis.
    """
    total = 0.0
    for weight in weights:
        matrix = ops.reshape(weight, (-1, weight.shape[-1]))
        gram = ops.matmul(ops.transpose(matrix), matrix)
        gram = gram * (1.0 - ops.eye(weight.shape[-1]))
        total = total + ops.sum(ops.square(gram))
    return total


def r1_penalty(gradients):
    """R1: the squared gradient of the scores at real images.

    Mescheder et al., arXiv 1801.04406, eq. 9: |grad_x D(x)|^2, which the
    caller multiplies with gamma / 2. `gradients` are those of the summed scores
    by the images, (batch, R, R, 3).
    """
    return ops.sum(ops.square(upcast(gradients)), axis=(1, 2, 3))


def lecam_penalty(real, fake, real_average, fake_average):
    """LeCam: how far scores have left the averages of the other side.

    Tseng et al., arXiv 2104.03310, eq. 5, without its weight:

        relu(s_real - a_fake)^2 + relu(a_real - s_fake)^2

    Args:
        real: scores of real images, (batch, 1).
        fake: scores of fakes, of the same shape.
        real_average: moving average of the mean of `real`, a scalar.
        fake_average: that of `fake`.

    Returns:
        The two terms, each of the shape of the scores.
    """
    real_term = ops.square(ops.relu(upcast(real) - fake_average))
    fake_term = ops.square(ops.relu(real_average - upcast(fake)))
    return real_term, fake_term
