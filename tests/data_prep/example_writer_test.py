import tensorflow as tf
from tensorflow_datasets.core import file_adapters

from data_prep.example_writer import SortedExampleWriter, sorted_record

NAMES = ("pose", "image", "label", "id")


def value(number):
    return tf.train.Feature(int64_list=tf.train.Int64List(value=[number]))


def record_in_order(names):
    """A record whose map stands in the given order: messages may be joined."""
    return b"".join(
        tf.train.Example(
            features=tf.train.Features(feature={name: value(len(name))})
        ).SerializeToString()
        for name in names
    )


def test_the_order_of_the_features_does_not_matter():
    one, other = record_in_order(NAMES), record_in_order(NAMES[::-1])
    assert one != other
    assert sorted_record(one) == sorted_record(other)
    assert tf.train.Example.FromString(one) == tf.train.Example.FromString(
        sorted_record(other)
    )
    places = [sorted_record(one).index(name.encode()) for name in sorted(NAMES)]
    assert places == sorted(places)


def test_a_shard_holds_sorted_records(tmp_path):
    path = tmp_path / "shard"
    writer = SortedExampleWriter(file_format=file_adapters.FileFormat.TFRECORD)
    writer.write(str(path), [(0, record_in_order(NAMES))])
    (record,) = tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
    assert record == sorted_record(record_in_order(NAMES[::-1]))
