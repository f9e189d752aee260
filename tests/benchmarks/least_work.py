"""The least that one training step has to compute, read off the tables.

Multiplications with an addition (MAC) of convolutions, dense layers and
attention, from the shapes of `networks/channels.py`. Shortcuts are counted
where they are cheapest, before up-sampling and after down-sampling, except
that a trunk's shortcuts after its first count before: so is the published
count of 231.5 GMAC at 128 px, ch 96. Power iterations, norms and optimizers,
which do not grow with the batch, are left out. The step from scratch:

    G forward, without a gradient                   1 G
    D on fake and real, forward and backward        2 x 3 D
    encoder, adaptor, G, forward and backward       3 (E + A + G)
    D on fake and source, forward                   2 D
    D's gradient by the fake                        1 D

with D = E, the trunk; the head is nothing beside it.
"""

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks.channels import (
    BOTTOM,
    channels,
    encoder_channels,
    generator_channels,
    z_slots,
)

CONV3 = 9
IMAGE = 3


def step_macs(config: NetworkConfig) -> int:
    """Of one image through one step from scratch."""
    generator, trunk = generator_macs(config), trunk_macs(config)
    recorded = 3 * (trunk + adaptor_macs(config) + generator)
    return generator + 6 * trunk + recorded + 2 * trunk + trunk


def generator_macs(config: NetworkConfig) -> int:
    """Of one image, forward."""
    row, (_, slot) = channels(config), z_slots(config)
    total, size = slot * BOTTOM**2 * row.generator_in[0], BOTTOM
    for into, out in zip(row.generator_in, row.generator_out, strict=True):
        total += size**2 * into * out
        size *= 2
        total += CONV3 * size**2 * (into * out + out * out)
        total += 2 * (config.shared_dim + slot) * (into + out)
        if size in config.attention_resolutions:
            total += attention_macs(size, out)
    return total + CONV3 * size**2 * row.generator_out[-1] * IMAGE


def trunk_macs(config: NetworkConfig) -> int:
    """Of one image, forward: the encoder, or the discriminator."""
    row = channels(config)
    total, size, into = 0, config.resolution, IMAGE
    for index, (out, halves) in enumerate(
        zip(row.trunk_out, row.trunk_downsamples, strict=True)
    ):
        total += CONV3 * size**2 * (into * out + out * out)
        smaller = size // 2 if halves else size
        if halves or into != out:
            total += (size if index else smaller) ** 2 * into * out
        size, into = smaller, out
        if halves and size in config.attention_resolutions:
            total += attention_macs(size, out)
    return total


def adaptor_macs(config: NetworkConfig) -> int:
    """Of one image, forward."""
    if config.adaptor == "identity":
        return 0
    outgoing, total = generator_channels(config), 0
    for size, into in encoder_channels(config).items():
        out = outgoing[size]
        shortcut = into * out if into != out else 0
        total += size**2 * (CONV3 * (into * out + out * out) + shortcut)
    return total


def attention_macs(size: int, width: int) -> int:
    """theta, phi, g, o, and the two products with the pooled map."""
    pixels, narrow, half = size**2, max(width // 8, 1), max(width // 2, 1)
    projections = pixels * width * (2 * narrow + 2 * half)
    return projections + pixels * (pixels // 4) * (narrow + half)
