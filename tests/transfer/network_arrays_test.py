import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.networks import build_network
from deepi2i_tf.runs.checkpoints import Checkpoints
from deepi2i_tf.transfer.network_arrays import (
    CheckpointArrays,
    assign_arrays,
    class_axes,
    trunk_arrays,
)
from deepi2i_tf.utils.errors import UserError
from tests.networks import tiny


def drawn(network, seed=0):
    stream = np.random.default_rng(seed)
    return {
        weight.path: stream.standard_normal(weight.shape).astype(np.float32)
        for weight in network.weights
    }


def test_what_has_one_entry_for_each_class_is_known():
    counts = tiny.CONFIG.num_classes
    for name, number in (("generator", 1), ("discriminator", 2)):
        network = build_network(name, tiny.CONFIG)
        axes = class_axes(network)
        shapes = {w.path: w.shape for w in network.weights}
        assert len(axes) == number
        assert all(shapes[path][axis] == counts for path, axis in axes.items())
    assert class_axes(build_network("encoder", tiny.CONFIG)) == {}


def test_the_encoder_is_the_discriminators_trunk():
    arrays = drawn(build_network("discriminator", tiny.CONFIG))
    encoder = build_network("encoder", tiny.CONFIG)
    assign_arrays(encoder, trunk_arrays(arrays))
    for weight in encoder.weights:
        expected = arrays[weight.path.replace("encoder", "discriminator")]
        np.testing.assert_array_equal(weight, expected)


def test_power_iteration_of_mixed_rows_has_length_one():
    network = build_network("discriminator", tiny.CONFIG)
    arrays = drawn(network)
    u = network.embedding.u
    arrays[u.path] = np.array([[0.6, -0.8, 0.0]], np.float32)
    matrix = np.array([[1.0, 0, 0], [1.0, 0, 0], [0, 0, 1.0]])
    assign_arrays(network, arrays, matrix)
    np.testing.assert_allclose(u, [[0.5**0.5, 0.5**0.5, 0]], rtol=1e-6)
    arrays[u.path] = np.array([[0.5, -0.5, 0.0]], np.float32)
    assign_arrays(network, arrays, np.full((3, 3), 1 / 3))
    assert np.isfinite(u.numpy()).all() and u.numpy().any()


@pytest.mark.parametrize("change", ["missing", "shape"])
def test_what_does_not_fit_is_refused_and_nothing_is_assigned(change):
    network = build_network("encoder", tiny.CONFIG)
    arrays = drawn(network)
    last = network.weights[-1].path
    if change == "missing":
        del arrays[last]
    else:
        arrays[last] = np.zeros((7, 7), np.float32)
    before = [weight.numpy() for weight in network.weights]
    with pytest.raises(UserError, match=f"Expected {last} of shape"):
        assign_arrays(network, arrays)
    for weight, value in zip(network.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)


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
