"""Makes the four networks of a configuration, with all their weights."""

import dataclasses
import math
from collections.abc import Callable

import keras

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks.adaptor import Adaptor
from deepi2i_tf.networks.channels import encoder_channels, z_length
from deepi2i_tf.networks.discriminator import Discriminator
from deepi2i_tf.networks.encoder import Encoder
from deepi2i_tf.networks.generator import Generator
from deepi2i_tf.networks.initial_weights import initialize


@dataclasses.dataclass(frozen=True)
class Networks:
    """The four networks of DeepI2I, built.

    Args:
        encoder: image to features.
        adaptor: features to generator features.
        generator: (z, class, adapted features) to image.
        discriminator: (image, class) to score and features.
    """

    encoder: Encoder
    adaptor: Adaptor
    generator: Generator
    discriminator: Discriminator

    def items(self) -> list[tuple[str, keras.Model]]:
        """The networks with their names, in the order of the fields."""
        return [
            (field.name, getattr(self, field.name))
            for field in dataclasses.fields(self)
        ]


def build_encoder(config: NetworkConfig) -> Encoder:
    """An encoder with its weights made, from symbolic inputs.

    Args:
        config: the networks' shape.

    Returns:
        The encoder.
    """
    encoder = Encoder(config)
    encoder(_images(config))
    return encoder


def build_adaptor(config: NetworkConfig) -> Adaptor:
    """An adaptor with its weights made, from symbolic inputs.

    Args:
        config: the networks' shape.

    Returns:
        The adaptor.
    """
    adaptor = Adaptor(config)
    adaptor(_maps(encoder_channels(config)))
    return adaptor


def build_generator(config: NetworkConfig, replicas: int = 1) -> Generator:
    """A generator with its weights made, from symbolic inputs.

    Args:
        config: the networks' shape.
        replicas: replicas that share batch statistics.

    Returns:
        The generator.
    """
    generator = Generator(config, replicas)
    generator(keras.KerasTensor((None, z_length(config))), labels=_labels())
    return generator


def build_discriminator(config: NetworkConfig) -> Discriminator:
    """A discriminator with its weights made, from symbolic inputs.

    Args:
        config: the networks' shape.

    Returns:
        The discriminator.
    """
    discriminator = Discriminator(config)
    discriminator(_images(config), _labels())
    return discriminator


def build_networks(
    config: NetworkConfig, seed: int = 0, replicas: int = 1
) -> Networks:
    """The four networks, initialised from one seed.

    Args:
        config: the networks' shape; `num_classes` must be set.
        seed: seed of every initial weight.
        replicas: replicas that share batch statistics.

    Returns:
        The networks with all their weights.
    """
    networks = Networks(
        encoder=build_encoder(config),
        adaptor=build_adaptor(config),
        generator=build_generator(config, replicas),
        discriminator=build_discriminator(config),
    )
    for _, network in networks.items():
        initialize(network, seed)
    return networks


BUILDERS: dict[str, Callable[[NetworkConfig], keras.Model]] = {
    "encoder": build_encoder,
    "adaptor": build_adaptor,
    "generator": build_generator,
    "discriminator": build_discriminator,
}


def trainable_parameters(network: keras.Model) -> int:
    """Number of trained parameters, u and moving statistics left out.

    Args:
        network: a built network.

    Returns:
        The number that papers report.
    """
    return sum(math.prod(w.shape) for w in network.trainable_weights)


def _images(config: NetworkConfig) -> keras.KerasTensor:
    return keras.KerasTensor((None, config.resolution, config.resolution, 3))


def _labels() -> keras.KerasTensor:
    return keras.KerasTensor((None,), dtype="int32")


def _maps(sizes: dict[int, int]) -> dict[int, keras.KerasTensor]:
    return {
        size: keras.KerasTensor((None, size, size, count))
        for size, count in sizes.items()
    }
