import dataclasses
import io
import os

import pytest
import tensorflow as tf
from PIL import Image

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data.arrays import load_arrays
from deepi2i_tf.data.pipeline import training_batches
from deepi2i_tf.data.prepared import integrity
from deepi2i_tf.data.prepared.find import find_prepared
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set, tfds_set


@pytest.fixture(name="data")
def _data(tmp_path):
    prepared_set.write_prepared(tmp_path)
    return find_prepared(str(tmp_path), "creatures", 8)


def _write(file, records):
    with tf.io.TFRecordWriter(file) as writer:
        for record in records:
            writer.write(record)


def test_intact_shards_leave_the_error(data):
    assert integrity.find_damage(data) is None
    error = OSError("the network is down")
    message = str(integrity.describe_data_error(error, data))
    assert "the network is down" in message and data.path in message


def test_a_flipped_bit(data):
    file = prepared_set.shard_file(data.path)
    prepared_set.damage(file)
    message = str(integrity.describe_data_error(OSError(), data))
    assert file in message and "a damaged record after" in message


def test_a_vanished_shard(data):
    file = prepared_set.shard_file(data.path, "test", 2)
    os.remove(file)
    assert file in str(integrity.find_damage(data))


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
    monkeypatch.setattr(integrity, "size_problem", lambda *_: "")
    message = str(integrity.find_damage(data))
    assert file in message and "cannot be decoded" in message


def test_photos_of_other_formats_and_labels_out_of_range(tmp_path):
    def bitmap(index):
        stored = io.BytesIO()
        kind = "BMP" if index == 104 else "PNG"
        Image.new("RGB", (20, 20)).save(stored, kind)
        return stored.getvalue()

    path = tfds_set.write_set(tmp_path, stored=bitmap)
    data = find_prepared(path, "", 16)
    message = str(integrity.find_damage(data))
    assert prepared_set.shard_file(path, "test", 0) in message
    assert (
        "cannot be decoded as PNG or JPEG, among its images 0 to 6" in message
    )
    few = dataclasses.replace(data, class_names=("cat", "dog"))
    assert "labels from 0 to 2, not from 0 to 1" in str(
        integrity.find_damage(few)
    )


def test_a_photo_of_another_format_is_refused_where_it_is_read(tmp_path):
    path = tfds_set.write_set(tmp_path, stored=lambda index: b"no photo")
    data = find_prepared(path, "", 16)
    with pytest.raises(UserError, match="decoded as PNG or JPEG"):
        load_arrays(data, "test")
    with pytest.raises(integrity.DATA_ERRORS):
        next(iter(training_batches(data, DataConfig(), 4, seed=0)))


def test_too_few_records(data, monkeypatch):
    file = prepared_set.shard_file(data.path)
    _write(file, [prepared_set.example(1, True)])
    monkeypatch.setattr(integrity, "size_problem", lambda *_: "")
    assert "Received: 1 images" in str(integrity.find_damage(data))


def test_verify_sees_one_flipped_bit(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    integrity.verify(find_prepared(path, "creatures", 8))
    file = prepared_set.shard_file(path, "test")
    prepared_set.damage(file)
    with pytest.raises(UserError, match=f"{file}.*sha256"):
        integrity.verify(find_prepared(path, "creatures", 8))


def test_verify_decodes_what_has_no_checksum(tmp_path):
    path = tfds_set.write_set(tmp_path)
    integrity.verify(find_prepared(path, "pets", 8))
    file = prepared_set.shard_file(path, "test", 0)
    prepared_set.damage(file)
    with pytest.raises(UserError, match=f"{file}.*a damaged record"):
        integrity.verify(find_prepared(path, "pets", 8))
