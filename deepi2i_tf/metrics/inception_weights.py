"""Weights of the FID Inception network, from a file that the user gives.

Three forms are read:

- `.pb`: TensorFlow's frozen graph, `classify_image_graph_def.pb` out of
  download.tensorflow.org/models/image/imagenet/inception-2015-12-05.tgz;
- `.pth`: the same weights for PyTorch, `pt_inception-2015-12-05-6726825d.pth`
  (pytorch-fid) or `weights-inception-2015-12-05-6726825d.pth`
  (torch-fidelity);
- `.npz`: our own names, in Keras' layouts: what
  `numpy.savez(path, **read_inception_weights(path_of_another_form))` writes.

Where the known hashes come from: neither publisher prints one in full. That
of the `.pth` begins with the 6726825d of both file names, which is PyTorch
hub's mark for the first digits of the sha256; in full, with 95,628,359
bytes, it is recorded by more than five public repositories for
torch-fidelity's file. That of the `.pb`, with 95,673,916 bytes, is recorded
by three public repositories for the copy that OpenAI's guided-diffusion
evaluator downloads. They were looked up, not computed here. A `.npz` has no
known hash; its own is returned like the others'.
"""

import os
from typing import NamedTuple

import keras
import numpy as np

from deepi2i_tf.metrics.inception_blocks import CONVOLUTIONS
from deepi2i_tf.metrics.inception_files import READERS, Arrays
from deepi2i_tf.utils.atomic_files import sha256_of_file
from deepi2i_tf.utils.errors import UserError

BATCH_NORM_EPSILON = 1e-3
DENSE_SHAPE = (2048, 1008)
_PARTS = ("kernel", "gamma", "beta", "mean", "variance")


class Published(NamedTuple):
    """A file as it was published.

    Attributes:
        name: its usual name.
        size: in bytes.
        sha256: in hexadecimal digits.
    """

    name: str
    size: int
    sha256: str


PUBLISHED = {
    ".pb": Published(
        "classify_image_graph_def.pb",
        95_673_916,
        "009d6814d1bc560d4e7b236e170e9b2d5ca6f4b57bd8037f6db05776204415c6",
    ),
    ".pth": Published(
        "pt_inception-2015-12-05-6726825d.pth",
        95_628_359,
        "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
    ),
}


def load_inception_weights(model: keras.Model, path: str) -> str:
    """Puts the weights of a file into a network of `build_inception`.

    Returns:
        The file's sha256, for the protocol of a report.

    Raises:
        UserError: the file is missing, of another form, not the published one,
            damaged, or its tensors are not those of the network.
    """
    sha256 = checked_sha256(path)
    assign_inception_weights(model, read_inception_weights(path))
    return sha256


def checked_sha256(path: str) -> str:
    """Hashes a file and compares it with the published one of its form.

    Raises:
        UserError: the file is missing, of another form, or not the published
            one; a `.npz` is never the last.
    """
    form = _form(path)
    try:
        sha256, size = sha256_of_file(path), os.path.getsize(path)
    except OSError as error:
        raise UserError(
            "Expected --inception_weights to be a file. Received: "
            f"{path} ({error.strerror}). Check the path."
        ) from error
    published = PUBLISHED.get(form)
    if published and sha256 != published.sha256:
        raise UserError(
            f"Expected {path} to be {published.name}, {published.size:,} "
            f"bytes with sha256 {published.sha256}. Received: {size:,} bytes "
            f"with sha256 {sha256}. Download it again, or give weights that "
            "are meant to be others as .npz."
        )
    return sha256


def read_inception_weights(path: str) -> Arrays:
    """Reads all weights by our names, whatever the form.

    Returns:
        float32 arrays: for every convolution "<name>.kernel" (height, width,
        input channels, filters) and "<name>.gamma", ".beta", ".mean" and
        ".variance" of its batch normalisation, and "fc.kernel".

    Raises:
        UserError: the file cannot be read, or tensors are missing, left over,
            of another shape or not finite.
    """
    form = _form(path)
    arrays = READERS[form](path)
    names = _names_in(form)
    unused = ("fc.bias", "softmax/biases")
    given = {
        name
        for name in arrays
        # A counter that PyTorch keeps in training, and the classes' bias.
        if not name.endswith("num_batches_tracked") and name not in unused
    }
    _refuse_names(path, [n for n in names.values() if n not in given], "no")
    _refuse_names(path, sorted(given - set(names.values())), "also")
    tensors = {
        ours: _keras_layout(arrays[theirs], form)
        for ours, theirs in names.items()
    }
    _refuse_values(path, tensors)
    return tensors


def assign_inception_weights(model: keras.Model, tensors: Arrays) -> None:
    """Puts weights into a network; folds batch normalisation, in float64.

    kernel' = kernel gamma / sqrt(variance + 1e-3)
    bias' = beta - mean gamma / sqrt(variance + 1e-3)
    """
    layers = {layer.name: layer for layer in model.layers}
    for convolution in CONVOLUTIONS:
        name = convolution.name
        if name in layers:
            kernel, gamma, beta, mean, variance = (
                tensors[f"{name}.{part}"].astype(np.float64) for part in _PARTS
            )
            scale = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
            layers[name].set_weights([kernel * scale, beta - mean * scale])
    if "fc" in layers:
        layers["fc"].set_weights([tensors["fc.kernel"]])


def _form(path: str) -> str:
    form = os.path.splitext(path)[1].lower()
    if form not in READERS:
        raise UserError(
            "Expected --inception_weights to end in .pb (frozen graph), .pth "
            f"(PyTorch) or .npz. Received: {path}. Use for example "
            f"{PUBLISHED['.pb'].name}."
        )
    return form


def _names_in(form: str) -> dict[str, str]:
    """Our name of every tensor, and the file's."""
    names = {}
    for convolution in CONVOLUTIONS:
        name, graph_name = convolution.name, convolution.graph_name
        normalisation = f"{graph_name}/batchnorm"
        parts = {
            ".npz": [f"{name}.{part}" for part in _PARTS],
            ".pth": [
                f"{name}.conv.weight",
                f"{name}.bn.weight",
                f"{name}.bn.bias",
                f"{name}.bn.running_mean",
                f"{name}.bn.running_var",
            ],
            ".pb": [
                f"{graph_name}/conv2d_params",
                f"{normalisation}/gamma",
                f"{normalisation}/beta",
                f"{normalisation}/moving_mean",
                f"{normalisation}/moving_variance",
            ],
        }[form]
        names |= zip([f"{name}.{part}" for part in _PARTS], parts, strict=True)
    dense = {".npz": "fc.kernel", ".pth": "fc.weight", ".pb": "softmax/weights"}
    return names | {"fc.kernel": dense[form]}


def _keras_layout(array: np.ndarray, form: str) -> np.ndarray:
    if form == ".pth" and array.ndim == 4:
        return array.transpose(2, 3, 1, 0)
    return array.T if form == ".pth" and array.ndim == 2 else array


def _refuse_names(path: str, names: list[str], how: str) -> None:
    if names:
        raise UserError(
            f"Expected {path} to hold the {len(CONVOLUTIONS) * 5 + 1} tensors "
            f"of inception-2015-12-05. Received: {how} {names[0]}, one of "
            f"{len(names)}. Use the published file."
        )


def _refuse_values(path: str, tensors: Arrays) -> None:
    shapes = {"fc.kernel": DENSE_SHAPE}
    for each in CONVOLUTIONS:
        shapes |= {f"{each.name}.{part}": each.kernel[-1:] for part in _PARTS}
        shapes[f"{each.name}.kernel"] = each.kernel
    for name, array in tensors.items():
        if array.shape != shapes[name] or not np.isfinite(array).all():
            raise UserError(
                f"Expected {name} in {path} to be finite, of shape "
                f"{shapes[name]}. Received: shape {array.shape}, "
                f"{array.dtype}. Use the published file."
            )
