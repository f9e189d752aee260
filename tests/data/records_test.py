import itertools
import json
import os

import pytest
import tensorflow as tf

from deepi2i_tf.data import record_blocks, records
from deepi2i_tf.data.decode import parse_records
from deepi2i_tf.data.order import Stream
from deepi2i_tf.data.prepared.prepared_data import read_manifest
from deepi2i_tf.data.prepared.split_membership import split_records
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set

LENGTH = prepared_set.NUM_TRAIN


@pytest.fixture(name="data")
def _data(tmp_path):
    return read_manifest(prepared_set.write_prepared(tmp_path))


@pytest.fixture(autouse=True)
def _short_blocks(monkeypatch):
    monkeypatch.setattr(record_blocks, "BLOCK_LENGTH", 2)


def _streamed(data, stream, shuffle_buffer=10, decode=None):
    blocks = record_blocks.find_blocks(data, "train")
    return records.streamed_batches(blocks, stream, shuffle_buffer, decode)


def _stream(data, way, start=0, batch_size=1, seed=0, side="source"):
    stream = Stream(side, batch_size, seed, start)
    if way == "memory":
        loaded = records.load_records(data, "train")
        return records.indexed_batches(loaded, stream)
    # A buffer of 10 makes windows of two blocks, at most 4 records.
    return _streamed(data, stream)


def _names(dataset, count):
    batches = dataset.take(count).as_numpy_iterator()
    return [
        int(name.decode().split("-")[1])
        for batch in batches
        for name in parse_records(batch, ("id",))["id"].numpy()
    ]


def test_load_keeps_the_stored_order(data):
    loaded = records.load_records(data, "train")
    stored = list(split_records(data, "train").as_numpy_iterator())
    assert loaded.numpy().tolist() == stored
    assert len(stored) == LENGTH


def test_load_refuses_another_count(data, tmp_path):
    with open(os.path.join(data.path, "manifest.json")) as stream:
        splits = json.load(stream)["splits"]
    for wrong in (LENGTH - 1, LENGTH + 1):
        splits["train"]["num_examples"] = wrong
        prepared_set.edit_manifest(data.path, splits=splits)
        with pytest.raises(UserError, match=f"Expected the {wrong} images"):
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


def test_what_is_decoded_early_is_the_same_stream(data):
    def decode(batch):
        return parse_records(batch, ("id", "label"))

    for start in (0, 5, 40):
        stream = Stream("source", 4, 0, start)
        early = _streamed(data, stream, decode=decode).take(12)
        late = _streamed(data, stream).take(12)
        for one, other in zip(early, late.map(decode), strict=True):
            assert one["id"].numpy().tolist() == other["id"].numpy().tolist()
            assert one["label"].numpy().tolist() == (
                other["label"].numpy().tolist()
            )


@pytest.mark.parametrize("way", ["memory", "stream"])
def test_only_seed_and_side_matter(data, way):
    names = _names(_stream(data, way), LENGTH)
    tf.random.set_seed(99)
    assert _names(_stream(data, way), LENGTH) == names
    assert _names(_stream(data, way, seed=1), LENGTH) != names
    assert _names(_stream(data, way, side="target"), LENGTH) != names


def test_streaming_mixes_shards(data):
    names = _names(_stream(data, "stream"), LENGTH)
    # Blocks of two, drawn from all three shards.
    assert len({name % 3 for name in names[:12]}) == 3


def test_records_that_are_large_are_shuffled_in_smaller_windows(
    data, monkeypatch
):
    def window_of(buffer):
        stream = Stream("source", LENGTH, 0)
        return _names(_streamed(data, stream, buffer), 1)

    monkeypatch.setattr(records, "WINDOW_BYTES", 1)
    drawn = window_of(10_000)
    # A window is one block: records side by side (three shards) come together.
    pairs = zip(drawn[:-1:2], drawn[1::2], strict=True)
    gaps = [abs(one - other) for one, other in pairs]
    assert gaps.count(3) >= 8
    assert sorted(drawn) == sorted(window_of(10))


def test_an_epoch_is_not_read_to_resume_in_its_middle(data, monkeypatch):
    opened = []
    read_block = records.read_block

    def counted(blocks, index):
        tf.py_function(lambda i: opened.append(int(i)), [index], [])
        return read_block(blocks, index)

    monkeypatch.setattr(records, "read_block", counted)
    monkeypatch.setattr(records, "WINDOW_BYTES", 1)
    _names(_stream(data, "stream", start=LENGTH - 3, batch_size=1), 1)
    # Of 12 blocks: the one with the record, and those read ahead.
    assert 1 <= len(opened) <= 6
