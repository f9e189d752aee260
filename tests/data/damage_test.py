import os

import pytest
import tensorflow as tf

from deepi2i_tf.data import damage
from deepi2i_tf.data.manifest import find_prepared
from tests.data import prepared_set


@pytest.fixture(name="data")
def _data(tmp_path):
    prepared_set.write_prepared(tmp_path)
    return find_prepared(str(tmp_path), "creatures", 8)


def _write(file, records):
    with tf.io.TFRecordWriter(file) as writer:
        for record in records:
            writer.write(record)


def test_intact_shards_leave_the_error(data):
    assert damage.find_damage(data) is None
    error = OSError("the network is down")
    told = str(damage.describe_data_error(error, data))
    assert "the network is down" in told and data.path in told


def test_a_flipped_bit(data):
    file = prepared_set.shard_file(data.path)
    prepared_set.damage(file)
    told = str(damage.describe_data_error(OSError(), data))
    assert file in told and "a damaged record after" in told


def test_a_vanished_shard(data):
    file = prepared_set.shard_file(data.path, "test", 2)
    os.remove(file)
    assert file in str(damage.find_damage(data))


@pytest.mark.parametrize("problem", ["image", "size"])
def test_records_that_cannot_be_decoded(data, problem, monkeypatch):
    file = prepared_set.shard_file(data.path)
    if problem == "image":
        monkeypatch.setattr(
            tf.io, "encode_png", lambda _: tf.constant(b"no image")
        )
    else:
        monkeypatch.setattr(
            prepared_set, "picture", lambda _: tf.zeros([4, 4, 3], tf.uint8)
        )
    _write(file, [prepared_set.example(1, True)] * 8)
    monkeypatch.setattr(damage, "size_problem", lambda *_: "")
    told = str(damage.find_damage(data))
    assert file in told and "cannot be decoded" in told


def test_too_few_records(data, monkeypatch):
    file = prepared_set.shard_file(data.path)
    _write(file, [prepared_set.example(1, True)])
    monkeypatch.setattr(damage, "size_problem", lambda *_: "")
    assert "Received: 1 images" in str(damage.find_damage(data))
