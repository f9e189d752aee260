"""The least that one training step has to compute, read off the tables.

Multiplications with an addition (MAC) of convolutions, dense layers and
attention. Of DeepI2I, from the shapes of `networks/channels.py`: shortcuts are
counted where they are cheapest, before up-sampling and after down-sampling,
except that a trunk's shortcuts after its first count before: so is the
published count of 231.5 GMAC at 128 px, ch 96. Power iterations, norms and
optimizers, which do not grow with the batch, are left out. The step from
scratch:

    G forward, without a gradient                   1 G
    D on fake and real, forward and backward        2 x 3 D
    encoder, adaptor, G, forward and backward       3 (E + A + G)
    D on fake and source, forward                   2 D
    D's gradient by the fake                        1 D

with D = E, the trunk; the head is nothing beside it. Those of the other
families stand at their functions; backward is twice forward, or once where the
gradient by weights or that by inputs is not needed.
"""

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks.channels import (
    BOTTOM,
    channels,
    encoder_channels,
    generator_channels,
    z_slots,
)
from deepi2i_tf.networks.dmit_judges import (
    MOST_CHANNELS,
    content_judge_depth,
    image_judge_depth,
)
from deepi2i_tf.networks.stargan import critic_layers

CONV3 = 9
IMAGE = 3
CRITICS = ("stargan", "sdit")


def step_macs(config: NetworkConfig, rounds: int = 1) -> int:
    """Of one image of the batch through one step from scratch.

    Args:
        config: the shape.
        rounds: updates of a critic, each of which sees a batch of its own.
    """
    if config.model in CRITICS:
        return critic_step_macs(config, rounds)
    if config.model == "dmit":
        return dmit_step_macs(config)
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


def conv_macs(side: int, kernel: int, into: int, out: int) -> int:
    """Of a convolution whose (transposed: input) map has this side."""
    return side**2 * kernel**2 * into * out


def critic_step_macs(config: NetworkConfig, rounds: int) -> int:
    """StarGAN's and SDIT's step.

    A round: y_hat 1 G; D on x and y_hat 2 x 3 D; the penalty 2 D for D's
    gradient by an image, and twice that for the gradient of both. Then 2 x 3 G
    for y_hat and the way back, 2 D for D's gradient by y_hat. StarGAN's last
    y_hat serves both phases.
    """
    generator, critic = label_generator_macs(config), critic_macs(config)
    shared = generator if config.model == "stargan" else 0
    critic_round = generator + (6 + 2 + 4) * critic
    return rounds * critic_round - shared + 6 * generator + 2 * critic


def label_generator_macs(config: NetworkConfig) -> int:
    """StarGAN's or SDIT's generator, forward."""
    side, wide = config.resolution // 4, 4 * config.ch
    block = 2 * conv_macs(side, 3, wide, wide)
    total = content_macs(config) + 6 * block + up_macs(config)
    total += 7 * config.resolution**2 * config.ch  # The class's map.
    if config.model == "sdit":
        total += 4 * block
        if config.attention:
            total += 5 * block + conv_macs(side, 3, wide, 1)
    return total


def content_macs(config: NetworkConfig) -> int:
    """conv7 and two halvings, to 4 ch channels."""
    side, ch = config.resolution, config.ch
    total = conv_macs(side, 7, IMAGE, ch)
    total += conv_macs(side // 2, 4, ch, 2 * ch)
    return total + conv_macs(side // 4, 4, 2 * ch, 4 * ch)


def up_macs(config: NetworkConfig) -> int:
    """Two doublings from 4 ch channels, and conv7."""
    side, ch = config.resolution, config.ch
    total = conv_macs(side // 4, 4, 4 * ch, 2 * ch)
    total += conv_macs(side // 2, 4, 2 * ch, ch)
    return total + conv_macs(side, 7, ch, IMAGE)


def critic_macs(config: NetworkConfig) -> int:
    """Of one image, forward; the heads are nothing beside it."""
    total, side, into = 0, config.resolution, IMAGE
    for index in range(critic_layers(config.resolution)):
        side, out = side // 2, config.ch * 2**index
        total += conv_macs(side, 4, into, out)
        into = out
    return total


def dmit_step_macs(config: NetworkConfig) -> int:
    """DMIT's step.

    Recorded: Ec and Es on x and x_pri, G five times, 3 each. L2 goes back
    through Es by its inputs and through G twice, L3 through Ec twice and
    through G by its inputs. Judges: Jc twice, Jp and Je three times, 3 each;
    then each once with its gradient by the inputs.
    """
    content, style, decoder, content_judge, image_judge = dmit_macs(config)
    recorded = 3 * (2 * content + 2 * style + 5 * decoder)
    second, third = style + 4 * decoder, 4 * content + decoder
    judges = 3 * (2 * content_judge + 6 * image_judge)
    against = 2 * (content_judge + 2 * image_judge)
    return recorded + second + third + judges + against


def dmit_macs(config: NetworkConfig) -> tuple[int, int, int, int, int]:
    """Content and style encoder, decoder, content and image judge, forward."""
    side, ch = config.resolution, config.ch
    block = 2 * conv_macs(side // 4, 3, 4 * ch, 4 * ch)
    style, into = conv_macs(side // 2, 4, IMAGE, ch), ch
    for index, out in enumerate(min(256, ch * n) for n in (2, 3, 4)):
        style += down_block_macs(side // 2 ** (1 + index), into, out)
        into = out
    depth = image_judge_depth(side)
    return (
        content_macs(config) + 4 * block,
        style,
        6 * block + up_macs(config),
        judge_macs(side // 4, 4 * ch, 4 * ch, content_judge_depth(side)),
        judge_macs(side, IMAGE, ch, depth)
        + judge_macs(side // 2, IMAGE, ch // 2, depth),
    )


def judge_macs(side: int, into: int, filters: int, depth: int) -> int:
    """One scale of a judge, forward."""
    side //= 2
    total, into = conv_macs(side, 4, into, filters), filters
    for index in range(1, depth):
        out = min(MOST_CHANNELS, filters * 2**index)
        total += down_block_macs(side, into, out)
        side, into = side // 2, out
    return total


def down_block_macs(side: int, into: int, out: int) -> int:
    """Two convolutions at full size, the shortcut at half."""
    total = conv_macs(side, 3, into, into) + conv_macs(side, 3, into, out)
    return total + conv_macs(side // 2, 1, into, out)
