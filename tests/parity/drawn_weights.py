"""The reference weights and inputs, drawn as the golden file's README says."""

import zlib

import keras
import numpy as np

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks import Networks
from deepi2i_tf.pytorch.upstream_names import upstream_entries

CONFIG = NetworkConfig(
    resolution=128,
    num_classes=5,
    ch=8,
    injection_weights=(0.1, 0.1, 0.1, 0.1),
)
LETTERS = {
    "generator": "G",
    "discriminator": "D",
    "encoder": "E",
    "adaptor": "A",
}


def stream_of(name: str) -> np.random.RandomState:
    """The stream of a name."""
    return np.random.RandomState(zlib.crc32(name.encode()))


def normal(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """A standard normal array from the stream of a name."""
    drawn = stream_of(name).standard_normal(shape or (1,))
    return drawn.reshape(shape)


def drawn(letter: str, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """The reference value of one upstream weight."""
    r = normal(f"{letter}.{name}", shape)
    if name.endswith("stored_var"):
        return 0.5 + np.abs(r)
    if name.endswith("stored_mean"):
        return 0.3 * r
    if name.endswith("gamma"):
        return np.full(shape, 0.5)
    if name.startswith("output_layer") and name.endswith("gain"):
        return 1.0 + 0.1 * r
    if name.endswith("u0"):
        return r
    if name == "shared.weight":
        return 0.5 * r
    return 0.1 * r


def load_drawn(network: keras.Model, letter: str) -> None:
    """Puts the reference weights and states into a network."""
    for entry in upstream_entries(network):
        value = drawn(letter, entry.name, entry.upstream_shape())
        entry.weight.assign(entry.from_upstream(value))


def load_all(networks: Networks) -> None:
    """Puts the reference weights and states into all four networks."""
    for name, network in networks.items():
        load_drawn(network, LETTERS[name])


def image(name: str) -> np.ndarray:
    """The reference images "source" and "target", NHWC float32."""
    pixels = np.tanh(normal(name, (2, 3, 128, 128)))
    return pixels.transpose(0, 2, 3, 1).astype(np.float32)
