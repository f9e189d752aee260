import dataclasses
import functools
import json
import os

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.data import record_blocks
from deepi2i_tf.data.prepared.prepared_data import read_manifest
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(record_blocks, "BLOCK_LENGTH", 3)


@pytest.fixture(name="path")
def _path(tmp_path):
    return prepared_set.write_prepared(tmp_path)


def _read(found, index):
    records = tf.data.Dataset.from_tensors(index).flat_map(
        functools.partial(record_blocks.read_block, found)
    )
    return list(records.as_numpy_iterator())


def _stored(data, number):
    file = data.shard_paths("train")[number]
    return list(tf.data.TFRecordDataset(file).as_numpy_iterator())


def test_blocks_are_the_records_of_the_shards_in_order(path):
    data = read_manifest(path)
    found = record_blocks.find_blocks(data, "train")
    # Shards of 8, 8 and 7 records.
    assert found.counts.tolist() == [3, 3, 2, 3, 3, 2, 3, 3, 1]
    assert found.length == 3
    assert found.firsts.tolist() == [0, 3, 6, 8, 11, 14, 16, 19, 22]
    read = [_read(found, index) for index in range(9)]
    for number in range(3):
        three = read[3 * number : 3 * number + 3]
        assert sum(three, []) == _stored(data, number)


def test_offsets_of_the_manifest_are_taken(path, monkeypatch):
    scanned = record_blocks.find_blocks(read_manifest(path), "train")
    with open(os.path.join(path, "manifest.json")) as stream:
        splits = json.load(stream)["splits"]
    for shard, first in zip(splits["train"]["shards"], (0, 3, 6), strict=True):
        shard["run_offsets"] = scanned.offsets[first : first + 3].tolist()
    prepared_set.edit_manifest(path, splits=splits)
    monkeypatch.delattr(record_blocks, "_scan")
    found = record_blocks.find_blocks(read_manifest(path), "train")
    assert found.offsets.tolist() == scanned.offsets.tolist()
    assert found.counts.tolist() == scanned.counts.tolist()


def test_a_shard_of_another_length_is_refused(path):
    file = prepared_set.shard_file(path)
    data = read_manifest(path)
    os.truncate(file, os.path.getsize(file) - 1)
    with pytest.raises(UserError, match=f"{file}.*other lengths"):
        record_blocks.find_blocks(data, "train")


def test_a_damaged_record_is_noticed(path):
    data = read_manifest(path)
    found = record_blocks.find_blocks(data, "train")
    file = data.shard_paths("train")[0]
    with open(file, "r+b") as stream:
        # Into the content of the first record, past length and checksum.
        stream.seek(40)
        stream.write(b"damaged")
    with pytest.raises(tf.errors.DataLossError):
        _read(found, 0)
    assert len(_read(found, 1)) == 3


def test_what_is_of_the_other_split_is_passed_over(path):
    data = dataclasses.replace(
        read_manifest(path),
        chosen={"train": np.arange(1, 24) % 4 != 0},
        num_examples={"train": 18, "test": 5},
    )
    found = record_blocks.find_blocks(data, "train")
    # Of places 0 to 22, each fourth (3, 7, ...) is for testing.
    assert found.counts.tolist() == [3, 2, 1, 3, 2, 1, 3, 2, 1]
    assert [len(_read(found, index)) for index in range(9)] == (
        found.counts.tolist()
    )
