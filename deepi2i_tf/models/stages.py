"""Which networks train when: the stages of training, as data.

arXiv 2011.05867, section 4.1. From scratch all four networks train. After
knowledge transfer the adaptor, which starts from nothing, is first warmed up
beside the discriminator while generator and encoder stand still; then
generator, adaptor and discriminator train and the encoder stays frozen. A
BigGAN to transfer from is pretrained without encoder and adaptor.
"""

import dataclasses


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


ALL = ("encoder", "adaptor", "generator", "discriminator")
PRETRAIN = "pretrain"


def stages(kind: str, warmup_steps: int) -> tuple[Stage, ...]:
    """The stages of a run, in order.

    Args:
        kind: one of `config.STAGES`.
        warmup_steps: length of the transfer warm-up.

    Returns:
        Stages that follow on each other without a gap.
    """
    if kind == PRETRAIN:
        return (Stage(PRETRAIN, ("generator", "discriminator")),)
    if kind == "scratch":
        return (Stage("scratch", ALL),)
    return (
        Stage("warmup", ("adaptor", "discriminator"), 0, warmup_steps),
        Stage(
            "transfer", ("adaptor", "generator", "discriminator"), warmup_steps
        ),
    )


def stage_at(kind: str, warmup_steps: int, step: int) -> Stage:
    """The stage that the step after `step` finished ones belongs to.

    Args:
        kind: one of `config.STAGES`.
        warmup_steps: length of the transfer warm-up.
        step: number of finished steps.

    Returns:
        The stage.
    """
    begun = [s for s in stages(kind, warmup_steps) if s.begins_at <= step]
    return begun[-1]


def networks_of(kind: str) -> tuple[str, ...]:
    """The networks that a run has, whether they train or not.

    Args:
        kind: one of `config.STAGES`.

    Returns:
        Their names.
    """
    return ("generator", "discriminator") if kind == PRETRAIN else ALL
