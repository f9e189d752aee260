"""Weights of a checkpoint as arrays, and a network's weights from arrays."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import trackable_object_graph_pb2

from deepi2i_tf.networks import Discriminator, Generator
from deepi2i_tf.runs.layout import CHECKPOINT_PREFIX
from deepi2i_tf.utils.errors import UserError

Arrays = Mapping[str, np.ndarray]
_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


class CheckpointArrays:
    """Reads a checkpoint's weights as arrays, without networks to put them in.

    A checkpoint can only be read into variables of the same shapes, and
    knowledge transfer starts from a run of other classes. TensorFlow's own
    description of what it stored, the object graph, gives item, path and key.

    Args:
        path: a checkpoint's folder.
    """

    def __init__(self, path: Path) -> None:
        self._reader = tf.train.load_checkpoint(str(path / CHECKPOINT_PREFIX))
        graph = trackable_object_graph_pb2.TrackableObjectGraph
        self._nodes = graph.FromString(self._reader.get_tensor(_GRAPH)).nodes
        self._items = _children(self._nodes[0])

    @property
    def names(self) -> frozenset[str]:
        """Names of the items that the checkpoint has."""
        return frozenset(self._items)

    def read(self, name: str) -> dict[str, np.ndarray]:
        """The arrays of one of `names`, by path."""
        variables = _children(self._nodes[self._items[name]])
        return {
            path: self._reader.get_tensor(
                self._nodes[index].attributes[0].checkpoint_key
            )
            for path, index in variables.items()
        }


def _children(node) -> dict[str, int]:
    return {child.local_name: child.node_id for child in node.children}


def class_axes(network: keras.Model) -> dict[str, int]:
    """The axis that counts classes, by path of the weights that have one."""
    if isinstance(network, Generator):
        return {network.shared.embeddings.path: 0}
    if isinstance(network, Discriminator):
        layer = network.embedding
        return {layer.raw_weight.path: 0, layer.u.path: 1}
    return {}


def trunk_arrays(discriminator: Arrays) -> dict[str, np.ndarray]:
    """The encoder's arrays, by path, out of a discriminator's."""
    return {
        path.replace("discriminator/", "encoder/", 1): value
        for path, value in discriminator.items()
        if path.startswith("discriminator/trunk/")
    }


def assign_arrays(
    network: keras.Model, arrays: Arrays, matrix: np.ndarray | None = None
) -> None:
    """Gives a network all its weights: trained ones, u, sigma, statistics.

    Args:
        network: a built network.
        arrays: an array for each weight, by path.
        matrix: `class_rows.row_matrix`; needed where the network has class
            rows.

    Raises:
        UserError: an array is missing or of another shape.
    """
    axes = class_axes(network)
    values = {}
    for weight in network.weights:
        value = arrays.get(weight.path)
        axis = axes.get(weight.path)
        if value is not None and axis is not None:
            value = _mixed(value, matrix, axis)
        if value is None or value.shape != tuple(weight.shape):
            came = "nothing" if value is None else value.shape
            raise UserError(
                f"Expected {weight.path} of shape {tuple(weight.shape)} in "
                f"the checkpoint of --init_from. Received: {came}. Give one "
                "of the same architecture."
            )
        values[weight.path] = value
    for weight in network.weights:
        weight.assign(values[weight.path])


def _mixed(value: np.ndarray, matrix: np.ndarray, axis: int) -> np.ndarray:
    """Rows by the matrix; u, a row of numbers, gets its length back."""
    if axis == 0:
        return (matrix @ value).astype(value.dtype)
    mixed = value @ matrix.T
    if not _is_permutation(matrix):
        length = np.linalg.norm(mixed)
        # Numbers that cancel out say nothing: any start serves as well.
        mixed = mixed / length if length > 0.0 else np.ones_like(mixed)
    return mixed.astype(value.dtype)


def _is_permutation(matrix: np.ndarray) -> bool:
    square = matrix.shape[0] == matrix.shape[1]
    return square and np.array_equal(matrix @ matrix.T, np.eye(len(matrix)))
