"""Initial weights, from one seed.

`initialize` is BigGAN's start (arXiv 1809.11096, appendix C): every kernel and
embedding is orthogonal (Saxe et al., arXiv 1312.6120). `initialize_uniform` is
PyTorch's default, which StarGAN and SDIT leave as it is; `initialize_normal` is
DMIT's. Each weight draws from
its own stream, named by its path, so that a network's start does not depend on
what was built before it. Power iterations start from normal vectors of the
same streams.
"""

import math
import zlib
from collections.abc import Iterator

import keras
import numpy as np

from deepi2i_tf.layers import SpectralLayer
from deepi2i_tf.layers.label_map import LabelledConv

# Rows for each column from which a matrix counts as tall.
TALL = 2
# Of DMIT's kernels.
DEVIATION = 0.02


def initialize(network: keras.Model, seed: int) -> None:
    """Draws every kernel, embedding and power-iteration vector.

    Biases, gains, attention's gamma and moving statistics keep the start
    that their layers gave them.
    """
    for layer in spectral_layers(network):
        u = layer.u
        kernel = layer.raw_weight
        kernel.assign(orthogonal(kernel.shape, _stream(kernel.path, seed)))
        u.assign(_stream(u.path, seed).standard_normal(u.shape))
    for layer in sublayers(network):
        if isinstance(layer, keras.layers.Embedding):
            rows = layer.embeddings
            rows.assign(orthogonal(rows.shape, _stream(rows.path, seed)))


def initialize_uniform(network: keras.Model, seed: int) -> None:
    """Draws every kernel and its bias, uniform within 1 / sqrt(fan-in).

    Gains and biases of norms keep the start that their layers gave them.
    """
    for layer in sublayers(network):
        if not hasattr(layer, "kernel"):
            continue
        bound = 1.0 / math.sqrt(_fan_in(layer))
        for weight in layer.trainable_weights:
            draw = _stream(weight.path, seed).uniform(
                -bound, bound, weight.shape
            )
            weight.assign(draw.astype(np.float32))


def initialize_normal(network: keras.Model, seed: int) -> None:
    """Draws every spectrally normalised kernel from N(0, 0.02^2), and u.

    Biases, and gains and biases of norms, keep the start that their layers gave
    them.
    """
    for layer in spectral_layers(network):
        for weight, deviation in ((layer.raw_weight, DEVIATION), (layer.u, 1)):
            draw = _stream(weight.path, seed).standard_normal(
                weight.shape, np.float32
            )
            weight.assign(deviation * draw)


def sublayers(layer: keras.layers.Layer) -> Iterator[keras.layers.Layer]:
    """Every layer below a layer, at any depth, parents first."""
    # Keras names only the direct children in public.
    for child in layer._layers:
        yield child
        yield from sublayers(child)


def spectral_layers(network: keras.Model) -> list[SpectralLayer]:
    """The spectrally normalised layers of a network, in building order."""
    return [s for s in sublayers(network) if isinstance(s, SpectralLayer)]


def _fan_in(layer: keras.layers.Layer) -> int:
    """Inputs of one output; as PyTorch counts, in `UpConv` side^2 outputs."""
    if isinstance(layer, LabelledConv):
        return layer.fan_in
    return math.prod(layer.kernel.shape[:-1])


def _stream(path: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(path.encode())])


def orthogonal(
    weight_shape: tuple[int, ...], stream: np.random.Generator
) -> np.ndarray:
    """A matrix (or its transpose) with orthonormal columns; float32.

    Its rows are the products of all axes but the last.
    """
    rows, columns = math.prod(weight_shape[:-1]), weight_shape[-1]
    shape = (max(rows, columns), min(rows, columns))
    q = _orthonormal(stream.standard_normal(shape, np.float32))
    return np.reshape(q if rows >= columns else q.T, weight_shape)


def _orthonormal(draw: np.ndarray) -> np.ndarray:
    """Q of the one QR decomposition whose R has a positive diagonal.

    QR is unique up to signs; these make Q uniformly distributed.
    """
    rows, columns = draw.shape
    if rows < TALL * columns:
        q, r = np.linalg.qr(draw)
        return q * np.sign(np.diag(r))
    # A^T A = R^T R, Q = A R^-1: products, a tenth of the time for the kernels
    # of a wide network. It squares the condition number, but that of normal
    # matrices this tall is below 6, and this is float64.
    wide = draw.astype(np.float64)
    lower = np.linalg.cholesky(wide.T @ wide)
    return (wide @ np.linalg.inv(lower).T).astype(np.float32)
