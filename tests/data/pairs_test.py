import numpy as np
import tensorflow as tf

from deepi2i_tf.data import pairs


def test_pairs_are_joined_and_split_in_order():
    source = tf.data.Dataset.range(4).batch(2)
    target = tf.data.Dataset.range(10, 14).batch(2)
    joined = pairs.pair_batches(
        tf.data.Dataset.zip(source, source),
        tf.data.Dataset.zip(target, target),
    )
    images, labels = list(joined)[1]
    np.testing.assert_array_equal(images, [2, 3, 12, 13])
    batch = pairs.split_pair(tf.cast(images, tf.float32), labels)
    assert {name: value.numpy().tolist() for name, value in batch.items()} == {
        "source": [2.0, 3.0],
        "source_label": [2, 3],
        "target": [12.0, 13.0],
        "target_label": [12, 13],
    }


def test_single_tensors_pair_too():
    source = tf.data.Dataset.range(2).batch(2)
    joined = pairs.pair_batches(source, source)
    np.testing.assert_array_equal(next(iter(joined)), [0, 1, 0, 1])
