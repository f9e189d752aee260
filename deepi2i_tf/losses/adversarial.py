"""Adversarial losses, per example, from any real scores s = D(image, class).

    hinge      D: relu(1 - s_real) + relu(1 + s_fake)     G: -s_fake
    softplus   D: softplus(-s_real) + softplus(s_fake)    G: softplus(-s_fake)
    minimax    D: as softplus                             G: -softplus(s_fake)

Hinge (arXiv 1705.02894) is what the released DeepI2I code trains. Softplus is
the non-saturating loss of arXiv 1406.2661, section 3. Minimax is eq. 1 of
arXiv 2011.05867, log(1 - D); it is kept to show its vanishing gradient.
"""

from collections.abc import Callable

from keras import ops


def hinge_discriminator_loss(real, fake):
    """relu(1 - s_real) and relu(1 + s_fake)."""
    return ops.relu(1.0 - real), ops.relu(1.0 + fake)


def hinge_generator_loss(fake):
    """-s_fake."""
    return -fake


def softplus_discriminator_loss(real, fake):
    """softplus(-s_real) and softplus(s_fake)."""
    return ops.softplus(-real), ops.softplus(fake)


def softplus_generator_loss(fake):
    """softplus(-s_fake)."""
    return ops.softplus(-fake)


def minimax_generator_loss(fake):
    """-softplus(s_fake), i.e. log(1 - D); saturates where D is sure."""
    return -ops.softplus(fake)


DISCRIMINATOR_LOSSES: dict[str, Callable] = {
    "hinge": hinge_discriminator_loss,
    "softplus": softplus_discriminator_loss,
    "minimax": softplus_discriminator_loss,
}
GENERATOR_LOSSES: dict[str, Callable] = {
    "hinge": hinge_generator_loss,
    "softplus": softplus_generator_loss,
    "minimax": minimax_generator_loss,
}
