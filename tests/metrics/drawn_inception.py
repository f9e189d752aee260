"""Reference weights and images of the Inception network, drawn from names.

The rule is that of the other recorded numbers (tests/parity/drawn_weights.py):
a standard normal r from the stream of the CRC of "inception.<PyTorch name>".
"""

import functools
import zlib

import numpy as np

from deepi2i_tf.metrics.inception_blocks import CONVOLUTIONS

CLASSES = 1008
FEATURES = 2048


def normal(name: str, shape: tuple[int, ...]) -> np.ndarray:
    seed = zlib.crc32(f"inception.{name}".encode())
    return np.random.RandomState(seed).standard_normal(shape)


@functools.cache
def state_dict() -> dict[str, np.ndarray]:
    """Float32 arrays by PyTorch name in PyTorch's layout."""
    arrays = {}
    for each in CONVOLUTIONS:
        height, width, inputs, filters = each.kernel
        name = f"{each.name}.conv.weight"
        # Keeps the size of what goes through, so that no layer is silent.
        scale = np.sqrt(2.0 / (inputs * height * width))
        arrays[name] = scale * normal(name, (filters, inputs, height, width))
        for key in ("weight", "bias", "running_mean", "running_var"):
            name = f"{each.name}.bn.{key}"
            arrays[name] = _statistic(key, normal(name, (filters,)))
    arrays["fc.weight"] = 0.1 * normal("fc.weight", (CLASSES, FEATURES))
    arrays["fc.bias"] = 0.1 * normal("fc.bias", (CLASSES,))
    return {k: value.astype(np.float32) for k, value in arrays.items()}


def tensors() -> dict[str, np.ndarray]:
    """The same by our names in Keras' layouts."""
    drawn = state_dict()
    arrays = {"fc.kernel": drawn["fc.weight"].T}
    for name in (each.name for each in CONVOLUTIONS):
        kernel = drawn[f"{name}.conv.weight"]
        arrays[f"{name}.kernel"] = kernel.transpose(2, 3, 1, 0)
        arrays[f"{name}.gamma"] = drawn[f"{name}.bn.weight"]
        arrays[f"{name}.beta"] = drawn[f"{name}.bn.bias"]
        arrays[f"{name}.mean"] = drawn[f"{name}.bn.running_mean"]
        arrays[f"{name}.variance"] = drawn[f"{name}.bn.running_var"]
    return arrays


def _statistic(key: str, r: np.ndarray) -> np.ndarray:
    if key == "weight":
        return 1.0 + 0.1 * r
    if key == "running_var":
        return 0.5 + np.abs(r)
    return 0.3 * r


def images(height: int, width: int, count: int = 2) -> np.ndarray:
    """uint8, (count, height, width, 3): coarse shapes under noise."""
    rows = np.linspace(0, 5, height)[:, None, None]
    columns = np.linspace(0, 7, width)[:, None]
    phase = np.arange(3) + np.arange(count)[:, None, None, None]
    waves = np.sin(rows + phase) * np.cos(columns * (1 + 0.3 * phase))
    noise = normal(f"images.{height}x{width}", (count, height, width, 3))
    return np.clip(127.5 + 90 * waves + 25 * noise, 0, 255).astype(np.uint8)


def thinned(values: np.ndarray) -> np.ndarray:
    """Of a map (NHWC) a grid of positions, edge included, and channels."""
    if values.ndim < 4:
        return values
    step = values.shape[1] // 3
    return values[:, ::step, ::step, ::16]
