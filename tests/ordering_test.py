import keras
import pytest
import tensorflow as tf

from deepi2i_tf import ordering


def test_what_needs_only_a_weight_begins_after_the_tensor():
    weight = tf.Variable([1.5])

    @tf.function
    def narrowed(inputs):
        with ordering.after(inputs):
            return tf.cast(weight, tf.bfloat16)

    graph = narrowed.get_concrete_function(tf.TensorSpec((2,))).graph
    (inputs,) = (op for op in graph.get_operations() if op.name == "inputs")
    (cast,) = (op for op in graph.get_operations() if op.type == "Cast")
    reads = [tensor.op for tensor in cast.inputs]
    waits = [
        before.name for op in (cast, *reads) for before in op.control_inputs
    ]
    assert inputs.name in waits


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_order_by_themselves(backend, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    with ordering.after("no tensor of TensorFlow's"):
        pass
