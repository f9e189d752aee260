"""The weights of a checkpoint as arrays, without the networks they were in.

A checkpoint can only be read into variables of the same shapes, and
knowledge transfer starts from a run of other classes. TensorFlow's own
description of what it stored, the object graph, gives item, path and key.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import trackable_object_graph_pb2

from deepi2i_tf.runs.checkpoints import PREFIX

_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


class CheckpointArrays:
    """Reads items that are dictionaries of variables, as `Checkpoints` writes.

    Args:
        path: a checkpoint's folder.
    """

    def __init__(self, path: Path) -> None:
        self._reader = tf.train.load_checkpoint(str(path / PREFIX))
        graph = trackable_object_graph_pb2.TrackableObjectGraph
        self._nodes = graph.FromString(self._reader.get_tensor(_GRAPH)).nodes
        self._items = _children(self._nodes[0])

    @property
    def names(self) -> frozenset[str]:
        """Names of the items that the checkpoint has."""
        return frozenset(self._items)

    def read(self, name: str) -> dict[str, np.ndarray]:
        """The arrays of one item, by path.

        Args:
            name: one of `names`.

        Returns:
            An array for each variable of the dictionary.
        """
        variables = _children(self._nodes[self._items[name]])
        return {
            path: self._reader.get_tensor(
                self._nodes[place].attributes[0].checkpoint_key
            )
            for path, place in variables.items()
        }


def _children(node) -> dict[str, int]:
    return {child.local_name: child.node_id for child in node.children}
