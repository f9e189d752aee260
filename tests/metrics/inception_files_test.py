"""Files of a few tensors; the whole network's are in
inception_weights_test.py.
"""

import pathlib

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.metrics.inception_files import (
    READERS,
    read_graph,
    read_npz,
    read_torch,
)
from deepi2i_tf.torch_files import write_tensors
from deepi2i_tf.utils.errors import UserError

ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)
GOLDEN = pathlib.Path(__file__).parents[1] / "golden"


def write_graph(path, arrays):
    """A graph of constants, and nodes that are no weights."""
    graph = tf.compat.v1.GraphDef()
    for name, array in arrays.items():
        node = graph.node.add(name=name, op="Const")
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(array))
    node = graph.node.add(name="mixed/join/concat_dim", op="Const")
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(3))
    graph.node.add(name="mixed/conv/batchnorm/gamma", op="Identity")
    path.write_bytes(graph.SerializeToString())


def test_weights_of_a_frozen_graph(tmp_path):
    arrays = {
        "conv/conv2d_params": ARRAY,
        "mixed/conv/batchnorm/moving_variance": ARRAY[0],
        "softmax/biases": ARRAY[1],
    }
    write_graph(tmp_path / "graph.pb", arrays)
    read = read_graph(str(tmp_path / "graph.pb"))
    assert set(read) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(read[name], array)


def test_tensors_of_a_state_dict(tmp_path):
    path = str(tmp_path / "state.pth")
    write_tensors(path, {"fc.weight": ARRAY})
    read = read_torch(path)
    assert set(read) == {"fc.weight"}
    np.testing.assert_array_equal(read["fc.weight"], ARRAY)


def test_a_file_that_would_run_code_is_refused():
    with pytest.raises(UserError, match="to be a PyTorch state dict"):
        read_torch(str(GOLDEN / "torch_files" / "module.pth"))


def test_arrays_of_an_archive(tmp_path):
    np.savez(tmp_path / "some.npz", **{"fc.kernel": ARRAY})
    read = read_npz(str(tmp_path / "some.npz"))
    assert set(read) == {"fc.kernel"}
    np.testing.assert_array_equal(read["fc.kernel"], ARRAY)


@pytest.mark.parametrize("form", [".pb", ".npz", ".pth"])
@pytest.mark.parametrize("content", [b"<html>404</html>", b"PK\x03\x04" * 9])
def test_damaged_files_are_refused_in_one_line(form, content, tmp_path):
    path = tmp_path / f"weights{form}"
    path.write_bytes(content)
    with pytest.raises(UserError, match="Download it again") as error:
        READERS[form](str(path))
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("form", [".pb", ".npz", ".pth"])
def test_missing_and_empty_files_are_refused(form, tmp_path):
    path = tmp_path / f"weights{form}"
    with pytest.raises(UserError, match="FileNotFoundError|No such file"):
        READERS[form](str(path))
    if form != ".pb":
        path.write_bytes(b"")
        with pytest.raises(UserError, match="EOFError|0 bytes"):
            READERS[form](str(path))


def test_pickled_and_single_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "objects.npz", fc=np.array([None]))
    with (tmp_path / "single.npz").open("wb") as file:
        np.save(file, ARRAY)
    for name in ("objects.npz", "single.npz"):
        with pytest.raises(UserError, match="to be a NumPy archive"):
            read_npz(str(tmp_path / name))
