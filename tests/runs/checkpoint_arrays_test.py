import numpy as np
import tensorflow as tf

from deepi2i_tf.runs.checkpoint_arrays import CheckpointArrays
from deepi2i_tf.runs.checkpoints import Checkpoints


def test_arrays_come_back_under_their_paths(tmp_path):
    values = {"a/b.c/kernel": [[1.0, 2.0]], "a/.S/u": [3.0], "plain": 4.0}
    items = {
        "net": {path: tf.Variable(value) for path, value in values.items()},
        "empty": {},
        "step": tf.Variable(7, dtype=tf.int64),
    }
    path = Checkpoints(tmp_path, items, 1).save(7, {})
    arrays = CheckpointArrays(path)
    assert {"net", "step"} <= arrays.names
    assert "other" not in arrays.names
    read = arrays.read("net")
    assert read.keys() == values.keys()
    for name, value in values.items():
        np.testing.assert_array_equal(read[name], value)
    assert arrays.read("empty") == {}


def test_a_runs_checkpoint_has_every_weight_of_a_network(finished):
    arrays = CheckpointArrays(finished / "checkpoints" / "step-00000004")
    generator = arrays.read("generator")
    assert generator["generator/shared/embeddings"].shape == (3, 8)
    averaged = arrays.read("averaged")
    assert generator.keys() <= averaged.keys()
