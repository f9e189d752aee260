"""Which networks train when: the stages of training, as data.

arXiv 2011.05867, section 4.1. From scratch all four networks train. After
knowledge transfer the adaptor, which starts from nothing, is first warmed up
beside the discriminator while generator and encoder stand still; then
generator, adaptor and discriminator train and the encoder stays frozen. A
BigGAN to transfer from is pretrained without encoder and adaptor.

A network that does not train runs as at inference, so that nothing of it
moves: weights, power iterations, sigmas, batch statistics. The frozen
generator of the warm-up thus normalises by the statistics it was pretrained
with, where the original's takes those of each batch, features included. Here
the adaptor meets the generator just as it was pretrained, and has to learn
features of a size that this generator is used to; statistics of four images
would hide one that is not, and be different when translating. The price is a
change of statistics when the generator begins to train, which is small once
they agree. This is reasoned, not measured.
"""

import dataclasses

from deepi2i_tf.config import Config
from deepi2i_tf.networks import family_of, networks_of
from deepi2i_tf.utils.errors import UserError


@dataclasses.dataclass(frozen=True)
class Stage:
    """A stretch of steps in which the same networks train.

    Args:
        name: its name in logs.
        trainable: names of the networks that train.
        begins_at: first step.
        ends_at: step after the last; None for the run's end.
    """

    name: str
    trainable: tuple[str, ...]
    begins_at: int = 0
    ends_at: int | None = None


PRETRAIN = "pretrain"


def stages(config: Config) -> tuple[Stage, ...]:
    """The stages of a run, in order, without gaps.

    Raises:
        UserError: `--freeze` leaves a stage in which nothing trains, or names a
            network of another model.
    """
    own = family_of(config.network).networks
    unknown = [name for name in config.transfer.freeze if name not in own]
    if unknown:
        raise UserError(
            f"Expected --freeze to name networks of --model="
            f"{config.network.model}: {', '.join(own)}. Received: "
            f"{', '.join(unknown)}. Leave it out."
        )
    kind, warmup = config.training.stage, config.training.warmup_steps
    if kind != "transfer":
        return (_stage(config, kind, networks_of(config)),)
    names = ("adaptor", "generator", "discriminator")
    if config.transfer.train_encoder:
        names = networks_of(config)
    transfer = _stage(config, kind, names, warmup)
    if not warmup:
        return (transfer,)
    names = ("adaptor", "discriminator")
    return (_stage(config, "warmup", names, 0, warmup), transfer)


def _stage(
    config: Config, name: str, names: tuple[str, ...], *steps: int
) -> Stage:
    frozen = config.transfer.freeze
    trainable = tuple(network for network in names if network not in frozen)
    if not trainable:
        raise UserError(
            f"Expected a network that trains in the stage {name}: "
            f"{', '.join(names)}. Received: freeze={','.join(frozen)}. Take "
            "one out."
        )
    return Stage(name, trainable, *steps)


def stage_at(config: Config, step: int) -> Stage:
    """The stage that the step after `step` finished ones belongs to."""
    begun = [stage for stage in stages(config) if stage.begins_at <= step]
    return begun[-1]
