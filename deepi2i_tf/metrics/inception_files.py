"""Files that hold the weights of the FID Inception network.

Each reader returns the tensors by the names and in the layouts of the file;
what they mean is said in `inception_weights.py`. A file that cannot be read
is a `UserError`.
"""

import zipfile
from collections.abc import Callable

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError

from deepi2i_tf.torch_files import read_tensors
from deepi2i_tf.utils.errors import UserError

Arrays = dict[str, np.ndarray]
# What a constant of the frozen graph must be called to be a weight; the
# others are sizes, axes and the like.
_GRAPH_WEIGHTS = (
    "/conv2d_params",
    "/batchnorm/beta",
    "/batchnorm/gamma",
    "/batchnorm/moving_mean",
    "/batchnorm/moving_variance",
    "softmax/weights",
    "softmax/biases",
)


def read_graph(path: str) -> Arrays:
    """Reads the constants of a frozen TensorFlow graph; runs nothing."""
    try:
        with open(path, "rb") as file:
            graph = tf.compat.v1.GraphDef.FromString(file.read())
    except (OSError, DecodeError) as error:
        raise _unreadable(path, "a frozen TensorFlow graph", error) from error
    return {
        node.name: tf.make_ndarray(node.attr["value"].tensor)
        for node in graph.node
        if node.op == "Const" and node.name.endswith(_GRAPH_WEIGHTS)
    }


def read_torch(path: str) -> Arrays:
    """Reads a PyTorch state dict, without torch; runs no code of the file."""
    return {name: value for name, (value, _) in read_tensors(path).items()}


def read_npz(path: str) -> Arrays:
    """Reads a NumPy archive."""
    what = "a NumPy archive"
    try:
        # Opened here: numpy leaves a damaged archive open.
        with open(path, "rb") as file:
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise _unreadable(path, what, TypeError("a single array"))
            return {name: archive[name] for name in archive.files}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise _unreadable(path, what, error) from error


READERS: dict[str, Callable[[str], Arrays]] = {
    ".pb": read_graph,
    ".pth": read_torch,
    ".npz": read_npz,
}


def _unreadable(path: str, what: str, error: Exception) -> UserError:
    # Libraries write pages; what is wrong stands in the first line.
    lines = f"{error}".strip().splitlines() or [""]
    return UserError(
        f"Expected {path} to be {what}. Received: "
        f"{type(error).__name__} ({lines[0]}). Download it again."
    )
