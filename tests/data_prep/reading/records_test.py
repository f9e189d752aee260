import pytest
import tensorflow as tf

from data_prep.reading.manifest import read_manifest
from data_prep.reading.records import (
    image_of,
    label_of,
    read_examples,
    sorted_record,
)
from deepi2i_tf.utils.errors import UserError

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


def test_examples_are_read_back(tmp_path, prepare_creatures):
    folder = prepare_creatures(tmp_path)
    examples = list(read_examples(folder, read_manifest(folder), "train"))
    assert len(examples) == 27
    assert sorted(map(label_of, examples)) == [0] * 9 + [1] * 9 + [2] * 9
    image = image_of(examples[0], read_manifest(folder))
    assert image.shape == (16, 16, 3)


def test_a_damaged_shard_is_named(tmp_path, prepare_creatures):
    folder = prepare_creatures(tmp_path)
    shard = next(folder.glob("*train*"))
    content = bytearray(shard.read_bytes())
    content[100] ^= 255
    shard.write_bytes(content)
    with pytest.raises(UserError, match=f"{shard.name}.*DataLossError"):
        list(read_examples(folder, read_manifest(folder), "train"))
