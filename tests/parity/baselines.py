"""The recorded numbers of StarGAN, SDIT and DMIT, and how ours meet them.

Weights are drawn by their PyTorch names. Our layers stand in PyTorch's order,
so that names find their layer by counting; what has another layout is said in
`Entry`.
"""

import dataclasses
import itertools
import pathlib
from collections.abc import Callable

import keras
import numpy as np

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.layers import SpectralLayer
from deepi2i_tf.layers.instance_norm import InstanceNorm
from deepi2i_tf.layers.label_map import LabelledConv
from deepi2i_tf.layers.spectral_layers import SpectralUpConv
from deepi2i_tf.networks.initial_weights import sublayers
from deepi2i_tf.utils.backend import dtype_policy
from tests.parity.drawn_weights import normal, stream_of

FOLDER = pathlib.Path(__file__).parents[1] / "golden"
CONFIG = NetworkConfig(resolution=64, num_classes=5, ch=8, dim_z=8)
SOURCE_LABELS = np.array([0, 2, 4], np.int32)
TARGET_LABELS = np.array([2, 4, 0], np.int32)
# Of the largest recorded entry. In float64 what is left is the rounding of the
# recorded numbers. In float32, of losses and of anything that is no gradient:
# absolute errors and relus have kinks, and where some pixels fall on the other
# side gradients change by thousandths, of DMIT by a hundredth. A first step of
# Adam is its rate, 1e-4, times a sign: of a gradient that is rounding, either.
FLOAT64 = 1e-6
FLOAT32 = {"loss": 1e-5, "map": 5e-5, "gradient": 2e-2, "step": 2e-3}


def source_images() -> np.ndarray:
    """The reference images, NHWC float64 (3, 64, 64, 3)."""
    return np.tanh(normal("source", (3, 3, 64, 64))).transpose(0, 2, 3, 1)


def latent(tag: str) -> np.ndarray:
    """A latent of every example, float64 (3, 8)."""
    return normal(tag, (3, 8))


def mixing_shares() -> np.ndarray:
    """The share of the real image in the penalty's, float64 (3, 1, 1, 1)."""
    return stream_of("alpha").random_sample((3, 1, 1, 1))


@dataclasses.dataclass(frozen=True)
class Entry:
    """One weight of the original, and where it stands here.

    Args:
        name: PyTorch's, without the network's prefix.
        layer: ours.
        shape: PyTorch's.
    """

    name: str
    layer: keras.layers.Layer
    shape: tuple[int, ...]

    def variables(self) -> list[keras.Variable]:
        """Our variables that hold it: two for a `LabelledConv`."""
        layer, last = self.layer, self.name.rpartition(".")[2]
        if isinstance(layer, LabelledConv):
            return [layer.kernel, layer.table]
        if last == "weight_u":
            return [layer.u]
        if last == "bias":
            return [layer.bias]
        if isinstance(layer, InstanceNorm):
            return [layer.gain]
        if isinstance(layer, SpectralLayer):
            return [layer.raw_weight]
        return [layer.kernel]

    def to_torch(self, arrays: list[np.ndarray]) -> np.ndarray:
        """Arrays of our variables in the original's layout."""
        if len(arrays) == 2:
            kernel, table = arrays
            side, _, _, filters = kernel.shape
            planes = table.reshape(-1, side, side, filters)
            joined = np.concatenate(
                [kernel, planes.transpose(1, 2, 0, 3)], axis=2
            )
            return joined.transpose(3, 2, 0, 1)
        (array,) = arrays
        if isinstance(self.layer, SpectralUpConv) and array.ndim == 4:
            return array.transpose(2, 3, 0, 1)
        if len(self.shape) == 4:
            return array.transpose(3, 2, 0, 1)
        return array.T if len(self.shape) == 2 else array.reshape(self.shape)

    def assign(self, value: np.ndarray) -> None:
        """Puts the original's array into our variables."""
        if isinstance(self.layer, SpectralUpConv) and value.ndim == 4:
            value = value.transpose(2, 3, 0, 1)
        elif value.ndim == 2:
            value = value.T
        elif value.ndim == 4:
            value = value.transpose(2, 3, 1, 0)
        variables = self.variables()
        if len(variables) == 2:
            channels = variables[0].shape[2]
            planes = value[:, :, channels:].transpose(2, 0, 1, 3)
            variables[0].assign(value[:, :, :channels])
            variables[1].assign(planes.reshape(variables[1].shape))
        else:
            variables[0].assign(value.reshape(variables[0].shape))


def drawn(full_name: str, shape: tuple[int, ...]) -> np.ndarray:
    """The reference value of one weight of the original."""
    r = normal(full_name, shape)
    if full_name.endswith("_u"):
        return r
    if len(shape) in (2, 4):
        return 1.4 * r / np.sqrt(np.prod(shape[1:]))
    return 0.1 * r + (0.0 if full_name.endswith("bias") else 1.0)


class Golden:
    """The numbers of one method.

    Args:
        method: `"stargan"`, `"sdit"` or `"dmit"`.
    """

    def __init__(self, method: str) -> None:
        self.numbers = np.load(FOLDER / f"{method}_small.npz")
        self.method = method
        lines = (FOLDER / f"{method}_small_names.txt").read_text().splitlines()
        self.shapes = {
            name: tuple(map(int, shape.split()))
            for name, shape in (line.split(" ", 1) for line in lines)
        }

    def entries(
        self,
        network: keras.Model,
        net: str,
        unused: str = "\0",
        place: Callable[[str], int] | None = None,
    ) -> list[Entry]:
        """Every weight of one network.

        Args:
            network: ours.
            net: the original's, for example `"G"`.
            unused: beginning of the names that have no counterpart.
            place: gives a name's rank where our order is another.
        """
        prefix = f"{self.method}.{net}."
        names = [
            name.removeprefix(prefix)
            for name in self.shapes
            if name.startswith(prefix)
            and not name.startswith(f"{prefix}{unused}")
        ]
        names.sort(key=place or (lambda name: 0))
        grouped = itertools.groupby(names, lambda name: name.rpartition(".")[0])
        ours = [
            layer
            for layer in sublayers(network)
            if layer.weights and not list(layer._layers)
        ]
        return [
            Entry(name, layer, self.shapes[prefix + name])
            for layer, (_, group) in zip(ours, grouped, strict=True)
            for name in group
        ]

    def load(self, entries: list[Entry], net: str) -> None:
        """Puts the reference weights into a network."""
        for entry in entries:
            full = f"{self.method}.{net}.{entry.name}"
            entry.assign(drawn(full, entry.shape))

    def error(self, key: str, value) -> float:
        """Largest difference, relative to the largest recorded value."""
        expected = self.numbers[key]
        value = np.asarray(value, np.float64)
        difference = np.abs(value - expected)
        if value.shape != expected.shape:
            raise ValueError(f"{key}: {value.shape}, not {expected.shape}")
        return float(difference.max() / np.abs(expected).max())

    def gradient_errors(self, prefix, entries, gradients) -> dict[str, float]:
        """Errors of the recorded gradients of a prefix.

        Args:
            prefix: of the keys, for example `"d_grad/"`.
            entries: of the network.
            gradients: variable's path -> array.
        """
        return {
            prefix + entry.name: self.error(
                prefix + entry.name,
                entry.to_torch([gradients[v.path] for v in entry.variables()]),
            )
            for entry in entries
            if prefix + entry.name in self.numbers.files
        }


def built(kind: type, dtype: str, *args) -> keras.Model:
    """A network of a dtype policy, built."""
    with dtype_policy(dtype):
        network = kind(CONFIG, *args)
        network.build()
    return network


def assert_all_near(
    golden: Golden,
    errors: dict[str, float],
    dtype: str,
    unused: tuple[str, ...] = (),
) -> None:
    """Every recorded array was compared, and is near.

    Args:
        golden: the numbers.
        errors: of all keys.
        dtype: `"float64"` or `"float32"`.
        unused: keys that are no number of ours.
    """
    differ = {*errors, *unused} ^ set(golden.numbers.files)
    assert not differ, differ

    def tolerance(key):
        kinds = (("loss/", "loss"), ("grad/", "gradient"), ("step/", "step"))
        kind = next((kind for part, kind in kinds if part in key), "map")
        return FLOAT64 if dtype == "float64" else FLOAT32[kind]

    far = {k: e for k, e in errors.items() if e > tolerance(k)}
    assert not far, far
