"""Tests of variables by path, as checkpoints store them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.models import build_translator, variables_by_path

CONFIG = NetworkConfig(resolution=32, num_classes=2, ch=1)


def test_nothing_is_left_out_of_a_checkpoint(tmp_path):
    translator = build_translator(CONFIG, "translator")
    items = variables_by_path(translator.weights)
    assert len(items) == len(translator.weights)
    path = tf.train.Checkpoint(weights=items).write(str(tmp_path / "ckpt"))
    stored = tf.train.load_checkpoint(path).get_variable_to_shape_map()
    assert len(set(stored) - {"_CHECKPOINTABLE_OBJECT_GRAPH"}) == len(items)
    before = [np.array(w.numpy()) for w in translator.weights]
    for weight in translator.weights:
        weight.assign(weight + 1.0)
    fresh = tf.train.Checkpoint(weights=variables_by_path(translator.weights))
    fresh.read(path).assert_consumed()
    for value, weight in zip(before, translator.weights, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_why_object_graphs_do_not_do(tmp_path):
    # Should Keras' lists become visible to checkpoints one day, then
    # `variables_by_path` may go.
    translator = build_translator(CONFIG, "translator")
    path = tf.train.Checkpoint(model=translator).write(str(tmp_path / "ckpt"))
    stored = tf.train.load_checkpoint(path).get_variable_to_shape_map()
    assert len(stored) < len(translator.weights)


def test_two_variables_of_one_path_are_refused():
    one = keras.Variable(0.0, name="twin")
    two = keras.Variable(0.0, name="twin")
    with pytest.raises(ValueError, match="different paths"):
        variables_by_path([one, two])
