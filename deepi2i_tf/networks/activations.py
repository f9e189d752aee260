"""Estimate of the activations that a network keeps for its backward pass.

What is kept is what the gradients of a layer ask for again: the input of a
convolution, the output of a relu, the input of a batch normalisation, the
factors of a product. Sums, biases, poolings and up-samplings keep nothing.
On top comes what the one layer with the largest map works on while its
gradient is made: `WORKING` buffers of that map.
"""

import dataclasses
from collections.abc import Sequence

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.config.pose import CYCLE_EVERY
from deepi2i_tf.layers.resampled_conv import UP_JOINED_FROM
from deepi2i_tf.networks.channels import (
    BOTTOM,
    channels,
    encoder_channels,
    generator_channels,
)
from deepi2i_tf.networks.dmit_decoder import BLOCKS as DECODER_BLOCKS
from deepi2i_tf.networks.dmit_encoders import BLOCKS as CONTENT_BLOCKS
from deepi2i_tf.networks.dmit_judges import image_judge_depth
from deepi2i_tf.networks.sdit import ADAPTIVE_BLOCKS, ATTENTION_BLOCKS
from deepi2i_tf.networks.stargan import BLOCKS, critic_layers

FLOAT32 = 4
# The gradient that comes in, the one that goes out, and a product of the two.
WORKING = 3


@dataclasses.dataclass(frozen=True)
class Activations:
    """Bytes for each image that goes through a network.

    Args:
        kept: held from the forward to the backward pass.
        working: held besides while the largest layer's gradient is made.
    """

    kept: int = 0
    working: int = 0


def bytes_of_type(policy: str) -> int:
    """Bytes of a number in the activations under a dtype policy."""
    return 2 if policy.startswith("mixed_") else FLOAT32


def deepi2i_activations(config: Config, trainable: Sequence[str]) -> int:
    """Bytes for each image at the fullest moment of a step.

    Either the discriminator's gradient is being made, of two images, when all
    that leads to its input is kept, or later the generator's.
    """
    policy = config.training.mixed_precision

    def of(name: str) -> Activations:
        return activations_of(name, config.network, policy)

    generator, discriminator = of("generator"), of("discriminator")
    scoring = 2 * (discriminator.kept + discriminator.working)
    if config.objective.r1 > 0.0:
        # Its penalty is a gradient, which keeps as much once more.
        scoring += discriminator.kept
    if config.objective.consistency > 0.0:
        # Reals and changed reals pass once more, in the same gradient.
        scoring += 2 * discriminator.kept
    if config.training.stage == "pretrain":
        before = generator.kept
        return max(scoring, before + scoring // 2, before + generator.working)
    before = generator.kept + of("adaptor").kept
    if "encoder" in trainable:
        before += of("encoder").kept
    if config.pose.cycle > 0.0:
        before += before // CYCLE_EVERY
    return before + max(scoring, generator.working)


def activations_of(
    name: str, network: NetworkConfig, policy: str
) -> Activations:
    """What one image costs in a network that trains under a dtype policy."""
    number = bytes_of_type(policy)
    if name == "generator":
        return _generator(network, number)
    if name == "adaptor":
        return _adaptor(network, number)
    return _trunk(network, number)


def _trunk(network: NetworkConfig, number: int) -> Activations:
    """The maps of encoder and discriminator."""
    row = channels(network)
    size, came, kept, largest = network.resolution, 3, 0, 0
    for out, halves in zip(row.trunk_out, row.trunk_downsamples, strict=True):
        pixels = size * size
        # Inputs of the two convolutions, and of the shortcut's.
        kept += pixels * (came + out)
        largest = max(largest, pixels * out)
        if halves:
            kept += pixels // 4 * came
            size //= 2
            if size in network.attention_resolutions:
                kept += _attention(size, out)
                largest = max(largest, _scores(size))
        came = out
    return Activations(number * kept, number * WORKING * largest)


def _adaptor(network: NetworkConfig, number: int) -> Activations:
    if network.adaptor == "identity":
        return Activations()
    outgoing = generator_channels(network)
    kept, largest = 0, 0
    for size, came in encoder_channels(network).items():
        out = outgoing[size]
        # A shortcut that changes the channels keeps the bare input as well.
        shortcut = came if came != out else 0
        kept += size * size * (came + out + shortcut)
        largest = max(largest, size * size * out)
    return Activations(number * kept, number * WORKING * largest)


def _generator(network: NetworkConfig, number: int) -> Activations:
    row = channels(network)
    # A batch normalisation's statistics see float32, whatever came.
    norm = number if number == FLOAT32 else number + FLOAT32
    size, kept, largest = BOTTOM, 0, 0
    for came, out in zip(row.generator_in, row.generator_out, strict=True):
        pixels = size * size
        kept += pixels * came * (norm + number)
        if size < UP_JOINED_FROM:  # The convolution reads the doubled map.
            kept += 4 * pixels * came * number
        kept += 4 * pixels * out * (norm + number)
        size *= 2
        largest = max(largest, size * size * out * FLOAT32)
        if size in network.attention_resolutions:
            kept += number * _attention(size, out)
            largest = max(largest, _scores(size) * number)
    pixels = size * size
    kept += pixels * row.generator_out[-1] * (norm + number)
    kept += pixels * 3 * FLOAT32  # tanh
    return Activations(kept, WORKING * largest)


def _attention(size: int, came: int) -> int:
    """Numbers that self-attention keeps: mostly the softmax'd scores."""
    narrow, half = max(came // 8, 1), max(came // 2, 1)
    pixels = size * size
    pooled = pixels // 4 * (narrow + half)
    before_pooling = pixels * (narrow + half)
    ends = pixels * (narrow + half + came)  # queries, attended, o(attended)
    return pooled + before_pooling + ends + _scores(size)


def _scores(size: int) -> int:
    """Every pixel by every pixel of the pooled map."""
    return size**4 // 4


def stargan_activations(config: Config, trainable: Sequence[str]) -> int:
    """Bytes for each image at the fullest moment of a step of StarGAN."""
    del trainable  # The generator's gradient passes through both.
    number = bytes_of_type(config.training.mixed_precision)
    return _critic_step(
        config.network, number, _labelled(config.network, number)
    )


def sdit_activations(config: Config, trainable: Sequence[str]) -> int:
    """Bytes for each image at the fullest moment of a step of SDIT."""
    del trainable  # See there.
    number = bytes_of_type(config.training.mixed_precision)
    network = config.network
    side = network.resolution // 4
    map_, padded = (4 * network.ch * s * s for s in (side, side + 2))
    blocks = ADAPTIVE_BLOCKS * 2 * (_normed(map_, number) + number * padded)
    if network.attention:
        blocks += ATTENTION_BLOCKS * 2 * _normed(map_, number) + number * map_
    return _critic_step(network, number, _labelled(network, number) + blocks)


def dmit_activations(config: Config, trainable: Sequence[str]) -> int:
    """Bytes for each image at the fullest moment of a step of DMIT.

    Its loss keeps two passes of each encoder, five images of the decoder and
    one pass of each judge.
    """
    del trainable  # The decoder's gradient passes through all of them.
    network = config.network
    number = bytes_of_type(config.training.mixed_precision)
    ch, side = network.ch, network.resolution
    block = 2 * _reflected(4 * ch, side // 4, number)
    ends = _normed(ch * side**2, number)
    ends += _normed(2 * ch * (side // 2) ** 2, number)
    content = ends + CONTENT_BLOCKS * block
    content += number * (ch * side**2 + 2 * ch * (side // 2) ** 2)
    decoder = ends + DECODER_BLOCKS * block + number * ch * side**2
    style = _down_blocks((ch, 2 * ch, 3 * ch), side // 2, number)
    widths = [ch * 2**n for n in range(image_judge_depth(side) - 1)]
    judges = 2 * _down_blocks(widths, side // 2, number)
    working = FLOAT32 * WORKING * ch * side**2
    return 2 * (content + style) + 5 * decoder + judges + working


def _down_blocks(widths: Sequence[int], side: int, number: int) -> int:
    """DMIT's blocks that halve a map, by the channels that come in."""
    return sum(
        2 * _reflected(width, side // 2**index, number)
        for index, width in enumerate(widths)
    )


def _reflected(channels: int, side: int, number: int) -> int:
    """A norm, and the padded map that a convolution reads."""
    padded = number * channels * (side + 2) ** 2
    return _normed(channels * side**2, number) + padded


def _critic_step(network: NetworkConfig, number: int, generator: int) -> int:
    """Two translations and a score are kept for the generator's gradient."""
    side, critic = network.resolution, 0
    for index in range(critic_layers(side)):
        critic += 2 * (side // 2 ** (index + 1)) ** 2 * network.ch * 2**index
    largest = side * side * network.ch
    return 2 * generator + number * critic + FLOAT32 * WORKING * largest


def _labelled(network: NetworkConfig, number: int) -> int:
    """Bytes that StarGAN's generator keeps for an image."""
    ch, side = network.ch, network.resolution
    # Down and up again, maps of the same sizes.
    kept = 2 * _normed(ch * side**2, number)
    kept += 2 * _normed(2 * ch * (side // 2) ** 2, number)
    bottom = _normed(4 * ch * (side // 4) ** 2, number)
    return kept + (1 + 2 * BLOCKS) * bottom + 2 * 3 * side**2 * FLOAT32


def _normed(numbers: int, number: int) -> int:
    """What an instance norm reads, in float32 too, and what comes behind it."""
    norm = number if number == FLOAT32 else number + FLOAT32
    return numbers * (norm + number)
