import tensorflow as tf

from deepi2i_tf.data import pairs


def batches(*numbers):
    return tf.data.Dataset.from_tensor_slices(
        {"image": list(numbers), "label": [-number for number in numbers]}
    ).batch(2)


def test_sources_and_targets_keep_their_order():
    joined = pairs.pair_batches(
        {"source": batches(0, 1, 2, 3), "target": batches(10, 11, 12, 13)}
    )
    second = list(joined)[1]
    assert {name: value.numpy().tolist() for name, value in second.items()} == {
        "source": [2, 3],
        "source_label": [-2, -3],
        "target": [12, 13],
        "target_label": [-12, -13],
    }
