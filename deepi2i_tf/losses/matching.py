"""Losses of DMIT's judges: do an image or a content and a class match?

arXiv 1909.07877, eq. 3 and 4, as the released code has them. A pair (x, y) is
right with the image's own class, and wrong with another one t; a translation is
judged with its target. Per example, from patch scores J:

    image judge      relu(1 - J(x, y)) + 1/2 relu(1 + J(x, t))
                                       + 1/2 relu(1 + J(y_hat, t))
    content judge    (J(h, y) - 1)^2 + J(h, t)^2

Where t is y, a pair that would be wrong is right: it counts nothing, while the
number of examples that is divided by stays.
"""

from collections.abc import Sequence

from keras import ops

from deepi2i_tf.losses.adversarial import hinge_discriminator_loss
from deepi2i_tf.utils.backend import upcast


def image_judge_loss(
    right: Sequence, wrong: Sequence, translated: Sequence, differs
):
    """The image judge's loss, summed over its scales; (batch,).

    Args:
        right: J(x, y) at each scale, (batch, m, m, 1).
        wrong: J(x, t).
        translated: J(y_hat, t).
        differs: float32, (batch,): 1 where t is not y, else 0.
    """
    total = 0.0
    for scores in zip(right, wrong, translated, strict=True):
        of_right, of_wrong, of_fake = map(upcast, scores)
        real, fake = hinge_discriminator_loss(of_right, of_fake)
        _, mismatch = hinge_discriminator_loss(of_right, of_wrong)
        total = total + _mean(real) + 0.5 * _mean(fake)
        total = total + 0.5 * differs * _mean(mismatch)
    return total


def image_generator_loss(translated: Sequence):
    """-J(y_hat, t) of an image judge, summed over its scales; (batch,)."""
    return sum(-_mean(upcast(scores)) for scores in translated)


def content_judge_loss(right, wrong, differs):
    """The content judge's loss, (batch,).

    Args:
        right: J(h, y), (batch, m, m, 1).
        wrong: J(h, t).
        differs: as in `image_judge_loss`.
    """
    return content_loss(right) + differs * _mean(ops.square(upcast(wrong)))


def content_loss(scores):
    """(J - 1)^2, (batch,): the content is to match the class it is told."""
    return _mean(ops.square(upcast(scores) - 1.0))


def diversity_quotient(z_distance, image_distance):
    """The quotient mean |z - z2| / (mean |y_hat - y_hat2| + 1e-5), a scalar.

    Of means over the batch, each a scalar: one translation may be like another.
    """
    return z_distance / (image_distance + 1e-5)


def _mean(patch):
    return ops.mean(patch, axis=(1, 2, 3))
