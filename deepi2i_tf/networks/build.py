"""Makes the networks of a configuration, with all their weights."""

import dataclasses
import math
from collections.abc import Iterable

import keras

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks.adaptor import Adaptor
from deepi2i_tf.networks.discriminator import Discriminator
from deepi2i_tf.networks.encoder import Encoder
from deepi2i_tf.networks.families import family_of
from deepi2i_tf.networks.generator import Generator


@dataclasses.dataclass(frozen=True)
class Networks:
    """The four networks of DeepI2I, built: Psi, A, G and D."""

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


NETWORK_NAMES = tuple(f.name for f in dataclasses.fields(Networks))


def build_network(
    name: str, config: NetworkConfig, replicas: int = 1
) -> keras.Model:
    """One network of a family with cheap, meaningless weights.

    `config.num_classes` must be set; `replicas` share batch statistics.
    """
    network = family_of(config).networks[name](config, replicas)
    network.build()
    return network


def build_networks(
    config: NetworkConfig, seed: int = 0, replicas: int = 1
) -> Networks:
    """The four networks of DeepI2I, initialised from one seed."""
    return Networks(**build_initialized(NETWORK_NAMES, config, seed, replicas))


def build_initialized(
    names: Iterable[str], config: NetworkConfig, seed: int, replicas: int = 1
) -> dict[str, keras.Model]:
    """Some of the networks by name, initialised from one seed.

    Initial weights of a network do not depend on which others are built.
    """
    networks = {name: build_network(name, config, replicas) for name in names}
    for network in networks.values():
        family_of(config).initialize(network, seed)
    return networks


def trainable_parameters(network: keras.Model) -> int:
    """Number of trained parameters: u and moving statistics do not count."""
    return sum(math.prod(w.shape) for w in network.trainable_weights)
