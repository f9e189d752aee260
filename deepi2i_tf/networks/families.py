"""One record for each model family: what differs from model to model.

Whatever needs to know which networks there are, how they are made or which of
them translate asks the record; nothing else asks which model it is.
`models/families.py` adds the classes that train and translate.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import keras

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.metrics.collapse_signals import FAKE, GAP, REAL, Watch
from deepi2i_tf.networks.activations import (
    deepi2i_activations,
    dmit_activations,
    sdit_activations,
    stargan_activations,
)
from deepi2i_tf.networks.adaptor import Adaptor
from deepi2i_tf.networks.channels import slotted_length
from deepi2i_tf.networks.discriminator import Discriminator
from deepi2i_tf.networks.dmit_decoder import DMITDecoder
from deepi2i_tf.networks.dmit_encoders import ContentEncoder, StyleEncoder
from deepi2i_tf.networks.dmit_judges import ContentJudge, ImageJudge
from deepi2i_tf.networks.encoder import Encoder
from deepi2i_tf.networks.generator import Generator
from deepi2i_tf.networks.initial_weights import (
    initialize,
    initialize_normal,
    initialize_uniform,
)
from deepi2i_tf.networks.sdit import SDITDiscriminator, SDITGenerator
from deepi2i_tf.networks.stargan import StarGANDiscriminator, StarGANGenerator


@dataclasses.dataclass(frozen=True)
class Family:
    """A model family.

    Args:
        networks: what makes each network of its shape, not built yet, in
            order, by name; called with the shape and the number of replicas
            that share batch statistics.
        initialize: draws the initial weights of a built network from a seed.
        translating: names of the networks that translate; they are averaged.
        z_length: length of z.
        activations: bytes of the maps that are kept for each image at the
            fullest moment of a step in which the named networks train.
        rates: the field of `OptimizerConfig` that each network's rate is.
        stages: names of the networks of a run, for each `--stage` it has.
        watch: what the monitor makes of its losses.
    """

    networks: Mapping[str, Callable[[NetworkConfig, int], keras.Model]]
    initialize: Callable[[keras.Model, int], None]
    translating: tuple[str, ...]
    z_length: Callable[[NetworkConfig], int]
    activations: Callable[[Config, Sequence[str]], int]
    rates: Mapping[str, str]
    stages: Mapping[str, tuple[str, ...]]
    watch: Watch


def _alone(network: type) -> Callable[[NetworkConfig, int], keras.Model]:
    """Of a network that has no batch statistics."""
    return lambda config, replicas: network(config)


def _hinge(loss: str, *remedies: str) -> Watch:
    """Of a discriminator whose scores the margin holds at 1 and -1."""
    return Watch(
        loss, (loss, REAL, FAKE, GAP), scores_drift=False, remedies=remedies
    )


_DEEPI2I = {
    "encoder": _alone(Encoder),
    "adaptor": _alone(Adaptor),
    "generator": Generator,
    "discriminator": _alone(Discriminator),
}
_CRITICS = {
    "initialize": initialize_uniform,
    "translating": ("generator",),
    "rates": {
        "generator": "generator_lr",
        "discriminator": "discriminator_lr",
    },
    "stages": {"scratch": ("generator", "discriminator")},
    "watch": Watch(
        loss="",
        charted=(GAP,),
        scores_drift=True,
        remedies=("a higher --gradient_penalty",),
    ),
}
_DMIT = {
    "content_encoder": _alone(ContentEncoder),
    "style_encoder": _alone(StyleEncoder),
    "decoder": _alone(DMITDecoder),
    "content_judge": _alone(ContentJudge),
    **{
        # Of translations with a drawn style, and of those with another
        # image's. Their names are those of their streams of initial weights.
        name: lambda config, replicas, name=name: ImageJudge(config, name=name)
        for name in ("prior_judge", "encoded_judge")
    },
}

FAMILIES = {
    "deepi2i": Family(
        networks=_DEEPI2I,
        initialize=initialize,
        translating=("encoder", "adaptor", "generator"),
        z_length=slotted_length,
        activations=deepi2i_activations,
        rates={name: f"{name}_lr" for name in _DEEPI2I},
        stages={
            "scratch": tuple(_DEEPI2I),
            "transfer": tuple(_DEEPI2I),
            # A BigGAN: its generator takes no features.
            "pretrain": ("generator", "discriminator"),
        },
        watch=_hinge("discriminator_loss", "--r1", "--augment"),
    ),
    "stargan": Family(
        networks={
            "generator": _alone(StarGANGenerator),
            "discriminator": _alone(StarGANDiscriminator),
        },
        z_length=lambda config: 0,
        activations=stargan_activations,
        **_CRITICS,
    ),
    "sdit": Family(
        networks={
            "generator": lambda config, replicas: SDITGenerator(
                config, config.attention
            ),
            "discriminator": _alone(SDITDiscriminator),
        },
        z_length=lambda config: config.dim_z,
        activations=sdit_activations,
        **_CRITICS,
    ),
    "dmit": Family(
        networks=_DMIT,
        initialize=initialize_normal,
        translating=("content_encoder", "decoder"),
        z_length=lambda config: config.dim_z,
        activations=dmit_activations,
        rates={
            name: "discriminator_lr" if "judge" in name else "generator_lr"
            for name in _DMIT
        },
        stages={"scratch": tuple(_DMIT)},
        watch=_hinge("prior_judge_loss", "a lower --discriminator_lr"),
    ),
}


def family_of(config: NetworkConfig) -> Family:
    """The record of a configuration's model."""
    return FAMILIES[config.model]


def networks_of(config: Config) -> tuple[str, ...]:
    """Names of the networks that a run has, whether they train or not."""
    return family_of(config.network).stages[config.training.stage]


def z_length(config: NetworkConfig) -> int:
    """Length of z."""
    return family_of(config).z_length(config)
