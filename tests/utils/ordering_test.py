import keras
import pytest
import tensorflow as tf

from deepi2i_tf.utils import backend


def test_what_needs_only_a_weight_begins_after_the_tensor():
    weight = tf.Variable([1.5])

    @tf.function
    def narrowed(inputs):
        with backend.run_after(inputs):
            return tf.cast(weight, tf.bfloat16)

    graph = narrowed.get_concrete_function(tf.TensorSpec((2,))).graph
    (inputs,) = (op for op in graph.get_operations() if op.name == "inputs")
    (cast,) = (op for op in graph.get_operations() if op.type == "Cast")
    reads = [tensor.op for tensor in cast.inputs]
    waits = [
        before.name for op in (cast, *reads) for before in op.control_inputs
    ]
    assert inputs.name in waits


@pytest.mark.parametrize("name", ["jax", "torch"])
def test_other_backends_order_by_themselves(name, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: name)
    with backend.run_after("no tensor of TensorFlow's"):
        pass
