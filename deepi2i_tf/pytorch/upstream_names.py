"""Maps our weights to names and layouts of the original's checkpoints.

BigGAN-PyTorch and DeepI2I (github.com/yaxingwang/DeepI2I) store PyTorch
state dicts. Their layouts are (out, in) for dense, (out, in, height, width)
for convolutions, and channel-major (c, 4, 4) for the outputs of the
generator's first layer; ours are the transposes, with channels last. Their
`sv0` logs the last singular value of a training forward, as our `sigma` does;
no output depends on either, so they stand apart, in `upstream_logs`.
"""

import dataclasses
from collections.abc import Iterator

import keras
import numpy as np

from deepi2i_tf.layers import (
    SelfAttention,
    SpectralConv,
    SpectralLayer,
    TrunkBlock,
)
from deepi2i_tf.networks import Adaptor, Discriminator, Generator
from deepi2i_tf.networks.channels import BOTTOM
from deepi2i_tf.networks.trunk import Trunk

PLAIN, DENSE, CONV, BOTTOM_DENSE, BOTTOM_VECTOR, LOG = (
    "plain",
    "dense",
    "conv",
    "bottom_dense",
    "bottom_vector",
    "log",
)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One weight and its upstream name.

    Args:
        name: the name in the original's state dict.
        weight: our variable.
        layout: how the two layouts relate.
    """

    name: str
    weight: keras.Variable
    layout: str

    def upstream_shape(self) -> tuple[int, ...]:
        """Shape in the original's state dict."""
        shape = np.empty(self.weight.shape, np.bool_)
        return self.to_upstream(shape).shape

    def from_upstream(self, value: np.ndarray) -> np.ndarray:
        """The original's array in our layout."""
        if self.layout == DENSE:
            return value.T
        if self.layout == CONV:
            return value.transpose(2, 3, 1, 0)
        if self.layout == BOTTOM_DENSE:
            return _bottom_last(value).T
        if self.layout == BOTTOM_VECTOR:
            return _bottom_last(value.reshape(-1, 1)).reshape(value.shape)
        return value.reshape(self.weight.shape)

    def to_upstream(self, value: np.ndarray) -> np.ndarray:
        """Our array in the layout of the original."""
        if self.layout == DENSE:
            return value.T
        if self.layout == CONV:
            return value.transpose(3, 2, 0, 1)
        if self.layout == BOTTOM_DENSE:
            return _bottom_first(value.T)
        if self.layout == BOTTOM_VECTOR:
            return _bottom_first(value.reshape(-1, 1)).reshape(value.shape)
        return value.reshape(1) if self.layout == LOG else value


def _bottom_last(value: np.ndarray) -> np.ndarray:
    rows, columns = value.shape
    maps = value.reshape(-1, BOTTOM, BOTTOM, columns)
    return maps.transpose(1, 2, 0, 3).reshape(rows, columns)


def _bottom_first(value: np.ndarray) -> np.ndarray:
    rows, columns = value.shape
    maps = value.reshape(BOTTOM, BOTTOM, -1, columns)
    return maps.transpose(2, 0, 1, 3).reshape(rows, columns)


def upstream_entries(network: keras.Model) -> Iterator[Entry]:
    """Every weight of a network that the original has too, but for logs."""
    yield from (e for e in _entries(network) if e.layout != LOG)


def upstream_logs(network: keras.Model) -> Iterator[Entry]:
    """Our `sigma` of every spectral norm, as the original's `sv0`.

    A checkpoint may lack them.
    """
    yield from (e for e in _entries(network) if e.layout == LOG)


def _entries(network: keras.Model) -> Iterator[Entry]:
    if isinstance(network, Generator):
        yield from _generator(network)
    elif isinstance(network, Adaptor):
        # Upstream counts the blocks from the largest map down.
        sizes = sorted(map(int, network.blocks), reverse=True)
        for index, size in enumerate(sizes):
            yield from _block(network.blocks[str(size)], f"blocks.{index}.0")
    else:
        yield from _trunk(network.trunk)
        if isinstance(network, Discriminator):
            yield from _spectral(network.linear, "linear")
            yield from _spectral(network.embedding, "embed")


def _generator(network: Generator) -> Iterator[Entry]:
    yield Entry("shared.weight", network.shared.embeddings, PLAIN)
    linear = network.linear
    yield Entry("linear.weight", linear.raw_weight, BOTTOM_DENSE)
    yield Entry("linear.bias", linear.bias, BOTTOM_VECTOR)
    yield Entry("linear.u0", linear.u, BOTTOM_VECTOR)
    yield Entry("linear.sv0", linear.sigma, LOG)
    for index, block in enumerate(network.blocks):
        prefix = f"blocks.{index}.0"
        yield from _block(block, prefix)
        for name, norm in (("bn1", block.norm1), ("bn2", block.norm2)):
            yield from _spectral(norm.gain, f"{prefix}.{name}.gain")
            yield from _spectral(norm.bias, f"{prefix}.{name}.bias")
            yield from _statistics(norm, f"{prefix}.{name}")
        yield from _attention(network.attentions[index], f"blocks.{index}.1")
    norm = network.output_norm
    yield Entry("output_layer.0.gain", norm.gain, PLAIN)
    yield Entry("output_layer.0.bias", norm.bias, PLAIN)
    yield from _statistics(norm, "output_layer.0")
    yield from _spectral(network.output_conv, "output_layer.2")


def _trunk(trunk: Trunk) -> Iterator[Entry]:
    for index, block in enumerate(trunk.blocks):
        yield from _block(block, f"blocks.{index}.0")
        yield from _attention(trunk.attentions[index], f"blocks.{index}.1")


def _block(block: TrunkBlock, prefix: str) -> Iterator[Entry]:
    yield from _spectral(block.conv1, f"{prefix}.conv1")
    yield from _spectral(block.conv2, f"{prefix}.conv2")
    if block.shortcut is not None:
        yield from _spectral(block.shortcut, f"{prefix}.conv_sc")


def _attention(layer: SelfAttention | None, prefix: str) -> Iterator[Entry]:
    if layer is None:
        return
    for name in ("theta", "phi", "g", "o"):
        yield from _spectral(getattr(layer, name), f"{prefix}.{name}")
    yield Entry(f"{prefix}.gamma", layer.gamma, PLAIN)


def _statistics(norm: keras.layers.Layer, prefix: str) -> Iterator[Entry]:
    yield Entry(f"{prefix}.stored_mean", norm.moving_mean, PLAIN)
    yield Entry(f"{prefix}.stored_var", norm.moving_variance, PLAIN)


def _spectral(layer: SpectralLayer, prefix: str) -> Iterator[Entry]:
    layout = PLAIN if layer.outputs_first else DENSE
    if isinstance(layer, SpectralConv):
        layout = CONV
    yield Entry(f"{prefix}.weight", layer.raw_weight, layout)
    yield Entry(f"{prefix}.u0", layer.u, PLAIN)
    yield Entry(f"{prefix}.sv0", layer.sigma, LOG)
    if getattr(layer, "bias", None) is not None:
        yield Entry(f"{prefix}.bias", layer.bias, PLAIN)
