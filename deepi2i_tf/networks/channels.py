"""Channel tables of the networks, in multiples of `ch`.

BigGAN (arXiv 1809.11096, appendix B, tables 4 to 9) as DeepI2I
(arXiv 2011.05867, section 4.1) uses it. Two rows differ: BigGAN's 32 pixel
discriminator stops at 8x8 where DeepI2I needs 4x4, and no discriminator was
published for 512 pixels, where ours mirrors the generator.
"""

import dataclasses

from deepi2i_tf.config import FEATURE_RESOLUTIONS, NetworkConfig

BOTTOM = 4


@dataclasses.dataclass(frozen=True)
class Channels:
    """One row of the table.

    Args:
        generator_in: input channels of each generator block; each doubles
            the resolution, from 4.
        generator_out: output channels of each generator block.
        trunk_out: output channels of each trunk block.
        trunk_downsamples: whether each trunk block halves the resolution.
    """

    generator_in: tuple[int, ...]
    generator_out: tuple[int, ...]
    trunk_out: tuple[int, ...]
    trunk_downsamples: tuple[bool, ...]


def _row(generator_in, generator_out, trunk_out) -> Channels:
    downsamples = (True,) * (len(trunk_out) - 1) + (False,)
    return Channels(generator_in, generator_out, trunk_out, downsamples)


TABLE = {
    32: _row((4, 4, 4), (4, 4, 4), (4, 4, 4, 4)),
    64: _row((16, 16, 8, 4), (16, 8, 4, 2), (1, 2, 4, 8, 16)),
    128: _row(
        (16, 16, 8, 4, 2),
        (16, 8, 4, 2, 1),
        (1, 2, 4, 8, 16, 16),
    ),
    256: _row(
        (16, 16, 8, 8, 4, 2),
        (16, 8, 8, 4, 2, 1),
        (1, 2, 4, 8, 8, 16, 16),
    ),
    512: _row(
        (16, 16, 8, 8, 4, 2, 1),
        (16, 8, 8, 4, 2, 1, 1),
        (1, 1, 2, 4, 8, 8, 16, 16),
    ),
}


def channels(config: NetworkConfig) -> Channels:
    """The row of a configuration's resolution, in channels."""
    row = TABLE[config.resolution]

    def times_ch(values: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(config.ch * value for value in values)

    return Channels(
        times_ch(row.generator_in),
        times_ch(row.generator_out),
        times_ch(row.trunk_out),
        row.trunk_downsamples,
    )


def feature_resolutions(resolution: int) -> tuple[int, ...]:
    """Map sizes that the encoder hands to the generator, ascending.

    Those of 4, 8, 16, 32 that are at most a quarter of the image's side.
    """
    return tuple(r for r in FEATURE_RESOLUTIONS if r <= resolution // 4)


def encoder_channels(config: NetworkConfig) -> dict[int, int]:
    """Channels of the trunk's feature at each map size."""
    row = channels(config)
    size, last = config.resolution, {}
    for out, halves in zip(row.trunk_out, row.trunk_downsamples, strict=True):
        size = size // 2 if halves else size
        last[size] = out
    return {r: last[r] for r in feature_resolutions(config.resolution)}


def generator_channels(config: NetworkConfig) -> dict[int, int]:
    """Channels of the generator where it takes the feature of each size."""
    row = channels(config)
    at = {BOTTOM: row.generator_in[0]}
    for block, out in enumerate(row.generator_out):
        at[BOTTOM * 2 ** (block + 1)] = out
    return {r: at[r] for r in feature_resolutions(config.resolution)}


def z_slots(config: NetworkConfig) -> tuple[int, int]:
    """Number and length of z's slots: one for the bottom, one per block."""
    slots = len(TABLE[config.resolution].generator_in) + 1
    return slots, max(config.dim_z // slots, 1)


def slotted_length(config: NetworkConfig) -> int:
    """Length of z: `dim_z` rounded down to a multiple of the slots."""
    slots, length = z_slots(config)
    return slots * length
