import itertools
import json
import os

import pytest
import tensorflow as tf

from deepi2i_tf.data import records
from deepi2i_tf.data.decode import parse_records
from deepi2i_tf.data.prepared import read_manifest
from deepi2i_tf.errors import Refusal
from tests.data import prepared_set

LENGTH = prepared_set.NUM_TRAIN


@pytest.fixture(name="data")
def _data(tmp_path):
    return read_manifest(prepared_set.write_prepared(tmp_path))


def _stream(data, way, start=0, batch_size=1, seed=0, side="source"):
    if way == "memory":
        return records.indexed_batches(
            records.load_records(data, "train"), batch_size, seed, side, start
        )
    # A buffer of 10 makes blocks of 5, the last of them smaller.
    return records.streamed_batches(
        data, "train", batch_size, seed, side, start, shuffle_buffer=10
    )


def _names(dataset, count):
    batches = dataset.take(count).as_numpy_iterator()
    return [
        int(name.decode().split("-")[1])
        for batch in batches
        for name in parse_records(batch, ("id",))["id"].numpy()
    ]


def test_load_keeps_the_stored_order(data):
    loaded = records.load_records(data, "train")
    stored = list(records.stored_records(data, "train").as_numpy_iterator())
    assert loaded.numpy().tolist() == stored
    assert len(stored) == LENGTH


def test_load_refuses_another_count(data, tmp_path):
    with open(os.path.join(data.path, "manifest.json")) as stream:
        splits = json.load(stream)["splits"]
    for wrong in (LENGTH - 1, LENGTH + 1):
        splits["train"]["num_examples"] = wrong
        prepared_set.edit_manifest(data.path, splits=splits)
        with pytest.raises(Refusal, match=f"Expected the {wrong} images"):
            records.load_records(read_manifest(data.path), "train")


@pytest.mark.parametrize("way", ["memory", "stream"])
def test_every_epoch_has_every_record_once(data, way):
    names = _names(_stream(data, way), 3 * LENGTH)
    epochs = [names[e * LENGTH : (e + 1) * LENGTH] for e in range(3)]
    assert all(sorted(epoch) == list(range(LENGTH)) for epoch in epochs)
    for one, other in itertools.combinations(epochs, 2):
        assert one != other


@pytest.mark.parametrize("way", ["memory", "stream"])
def test_a_later_start_is_the_same_stream(data, way):
    names = _names(_stream(data, way), 80)
    for start in (1, 7, LENGTH, LENGTH + 1, 60):
        assert (
            _names(_stream(data, way, start), 20) == (names[start : start + 20])
        )
    batched = _names(_stream(data, way, 5, batch_size=6), 10)
    assert batched == names[5:65]


@pytest.mark.parametrize("way", ["memory", "stream"])
def test_only_seed_and_side_matter(data, way):
    names = _names(_stream(data, way), LENGTH)
    tf.random.set_seed(99)
    assert _names(_stream(data, way), LENGTH) == names
    assert _names(_stream(data, way, seed=1), LENGTH) != names
    assert _names(_stream(data, way, side="target"), LENGTH) != names


def test_streaming_mixes_shards(data):
    names = _names(_stream(data, "stream"), LENGTH)
    shards = [name % 3 for name in names[:5]]
    assert len(set(shards)) == 3
