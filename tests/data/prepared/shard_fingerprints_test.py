import os
import shutil

import pytest
import tensorflow as tf

from deepi2i_tf.data.prepared.find import find_prepared
from deepi2i_tf.data.prepared.shard_fingerprints import ShardWatch, ends_sha256
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set


@pytest.fixture(name="data")
def _data(tmp_path):
    prepared_set.write_prepared(tmp_path, encoding="raw")
    return find_prepared(str(tmp_path), "creatures", 8)


def swap(data):
    """The same records in another order, each of them whole."""
    file = prepared_set.shard_file(data.path)
    records = list(tf.data.TFRecordDataset(file).as_numpy_iterator())
    with tf.io.TFRecordWriter(file) as writer:
        for record in reversed(records):
            writer.write(record)
    return file


def test_untouched_shards_are_the_same(data):
    ShardWatch(data, "train").require_same()


def test_a_shard_of_other_images_and_the_same_size_is_refused(data):
    watch = ShardWatch(data, "train")
    file = swap(data)
    with pytest.raises(UserError, match=f"{file}.*other bytes than when"):
        watch.require_same()


def test_a_shard_that_vanished_is_refused_until_it_is_restored(data, tmp_path):
    watch = ShardWatch(data, "train")
    file = prepared_set.shard_file(data.path)
    shutil.copy(file, tmp_path / "copy")
    os.remove(file)
    with pytest.raises(UserError, match=f"{file}.*no such file"):
        watch.require_same()
    shutil.move(tmp_path / "copy", file)
    watch.require_same()


def test_a_cut_shard_is_refused(data):
    watch = ShardWatch(data, "train")
    file = prepared_set.shard_file(data.path)
    os.truncate(file, os.path.getsize(file) - 1)
    with pytest.raises(UserError, match=file):
        watch.require_same()


def test_a_shard_that_was_only_touched_is_the_same(data):
    watch = ShardWatch(data, "train")
    os.utime(prepared_set.shard_file(data.path), (1, 1))
    watch.require_same()


def test_ends_are_those_of_a_copy_and_not_of_other_images(data, tmp_path):
    before = ends_sha256(data)
    copy = tmp_path / "copy"
    shutil.copytree(data.path, copy)
    shutil.rmtree(data.path)
    copy.rename(data.path)
    assert ends_sha256(data) == before
    swap(data)
    assert ends_sha256(data) != before
