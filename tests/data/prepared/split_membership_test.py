import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data import pipeline
from deepi2i_tf.data.arrays import load_arrays
from deepi2i_tf.data.pipeline import read_split, training_batches
from deepi2i_tf.data.prepared.find import read_folder
from deepi2i_tf.data.prepared.split_membership import (
    count_kept,
    keep_split,
    split_records,
)
from tests.data import tfds_set

LENGTH = 47


@pytest.fixture(name="data")
def _data(tmp_path):
    """A set of three shards and no test split."""
    path = tfds_set.write_set(
        tmp_path, splits=(("train", range(LENGTH)),), num_shards=3
    )
    return read_folder(path, tfds_set.RESOLUTION)


def _stored(data):
    paths = data.shard_paths("train")
    return list(tf.data.TFRecordDataset(paths).as_numpy_iterator())


def test_every_tenth_record_is_held_out(data):
    stored = _stored(data)
    test = list(split_records(data, "test").as_numpy_iterator())
    train = list(split_records(data, "train").as_numpy_iterator())
    assert test == stored[9::10]
    assert train == [record for record in stored if record not in test]
    assert data.num_examples == {"train": 43, "test": 4}
    assert len(train) == 43 and len(test) == 4


def test_splits_with_their_own_shards_are_left_alone(data):
    whole = dataclasses.replace(data, chosen={})
    for split in ("train", "test"):
        records = list(split_records(whole, split).as_numpy_iterator())
        assert records == _stored(data)
        assert count_kept(whole, split, 3, 8) == 5


@pytest.mark.parametrize("split", ["train", "test"])
def test_any_stretch_of_records_is_counted_and_kept(data, split):
    stored = _stored(data)
    expected = list(split_records(data, split).as_numpy_iterator())
    starts = np.array([0, 3, 10, 12, 39, 40])
    ends = np.array([3, 10, 12, 39, 40, LENGTH])
    kept = []
    for first, end in zip(starts, ends, strict=True):
        part = tf.data.Dataset.from_tensor_slices(stored[first:end])
        place = tf.constant(first, tf.int64)
        kept.append(
            list(keep_split(data, split, part, place).as_numpy_iterator())
        )
    assert sum(kept, []) == expected
    counts = count_kept(data, split, starts, ends)
    assert counts.tolist() == [len(part) for part in kept]


@pytest.mark.parametrize("limit", [2**30, 0], ids=["memory", "stream"])
def test_training_never_sees_what_is_held_out(data, limit, monkeypatch):
    monkeypatch.setattr(pipeline, "MEMORY_LIMIT", limit)
    held_out = tfds_set.indices_of(load_arrays(data, "test")["image"])
    for split, count in data.num_examples.items():
        images = [example["image"] for example in read_split(data, split)]
        assert len(images) == count
        expected = load_arrays(data, split)["image"]
        np.testing.assert_array_equal(images, expected)
    (batch,) = training_batches(data, DataConfig(), 43, seed=0).take(1)
    for side in ("source", "target"):
        seen = tfds_set.signed_indices_of(batch[side])
        assert sorted(seen + held_out) == list(range(LENGTH))
