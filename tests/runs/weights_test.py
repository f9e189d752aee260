import numpy as np
import tensorflow as tf

from deepi2i_tf.runs import weights


def named(value=1.0, dtype=np.float32):
    return [
        ("b", tf.Variable(np.full((2, 3), value, dtype))),
        ("a", tf.Variable(np.zeros(2, dtype))),
    ]


def test_the_sum_depends_on_bits_names_and_shapes_alone():
    first = weights.weights_sha256(named())
    assert first == weights.weights_sha256(named()[::-1])
    assert first != weights.weights_sha256(
        named(np.nextafter(1.0, 2.0, dtype=np.float32))
    )
    assert first != weights.weights_sha256(named(dtype=np.float64))
    renamed = [("c", named()[0][1]), named()[1]]
    assert first != weights.weights_sha256(renamed)


def test_first_non_finite():
    assert weights.first_non_finite(named()) is None
    assert weights.first_non_finite(named(np.nan)) == "b"
    counter = [("step", tf.Variable(1, dtype=tf.int64))]
    assert weights.first_non_finite(counter) is None
