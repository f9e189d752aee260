import json

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data import pipeline
from deepi2i_tf.data.prepared.find import find_prepared
from deepi2i_tf.data.prepared.integrity import DATA_ERRORS, describe_data_error
from deepi2i_tf.utils.errors import UserError
from tests import processes
from tests.data import prepared_set

LENGTH = prepared_set.NUM_TRAIN


@pytest.fixture(name="data")
def _data(tmp_path):
    prepared_set.write_prepared(tmp_path)
    return find_prepared(str(tmp_path), "creatures", 8)


@pytest.fixture(name="way", params=["memory", "stream"])
def _way(request, monkeypatch):
    if request.param == "stream":
        monkeypatch.setattr(pipeline, "MEMORY_LIMIT", 0)
    return request.param


def _batches(data, count, batch_size=4, seed=0, start_step=0, **config):
    config = DataConfig(**({"shuffle_buffer": 10} | config))
    dataset = pipeline.training_batches(
        data, config, batch_size, seed, start_step
    )
    return list(dataset.take(count).as_numpy_iterator())


def _assert_same(these, those):
    assert len(these) == len(those)
    for one, other in zip(these, those, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


def test_read_split_in_stored_order(data):
    examples = list(pipeline.read_split(data, "test").as_numpy_iterator())
    names = [example["id"].decode() for example in examples]
    # Three shards, filled in turn.
    order = [100, 103, 106, 101, 104, 102, 105]
    assert names == [f"picture-{index}" for index in order]
    first = examples[0]
    np.testing.assert_array_equal(first["image"], prepared_set.picture(100))
    assert first["image"].dtype == np.uint8
    assert first["label"] == prepared_set.label_of(100)
    assert first["pose"].shape == (5,)
    later = list(pipeline.read_split(data, "test", start=5))
    assert [example["id"].numpy() for example in later] == [
        example["id"] for example in examples[5:]
    ]


def test_read_split_without_pose(tmp_path):
    prepared_set.write_prepared(tmp_path, "photos", "r8", pose=False)
    data = find_prepared(str(tmp_path), "photos", 8)
    spec = pipeline.read_split(data, "train").element_spec
    assert set(spec) == {"image", "label", "id"}


def test_a_batch_is_what_it_says(data, way):
    spec = pipeline.training_batches(data, DataConfig(), 4, 0).element_spec
    assert spec == {
        "source": tf.TensorSpec((4, 8, 8, 3), tf.float32),
        "source_label": tf.TensorSpec((4,), tf.int32),
        "target": tf.TensorSpec((4, 8, 8, 3), tf.float32),
        "target_label": tf.TensorSpec((4,), tf.int32),
    }
    for batch in _batches(data, 5):
        for side in ("source", "target"):
            indices = prepared_set.indices_of(batch[side])
            labels = [prepared_set.label_of(index) for index in indices]
            assert batch[f"{side}_label"].tolist() == labels
            assert np.abs(batch[side]).max() <= 1.0


def test_epochs_are_complete_and_sides_independent(data, way):
    batches = _batches(data, 2 * LENGTH, batch_size=1)
    sides = {
        side: [prepared_set.indices_of(b[side])[0] for b in batches]
        for side in ("source", "target")
    }
    for indices in sides.values():
        for epoch in (indices[:LENGTH], indices[LENGTH:]):
            assert sorted(epoch) == list(range(LENGTH))
    assert sides["source"] != sides["target"]


def test_resuming_is_exact(data, way):
    batches = _batches(data, 20)
    tf.random.set_seed(123)
    for step in (1, 6, 13):
        _assert_same(_batches(data, 7, start_step=step), batches[step:][:7])


def test_batch_size_does_not_change_the_sequence(data, way):
    small = _batches(data, 12, batch_size=2)
    large = _batches(data, 4, batch_size=6)
    for name in small[0]:
        np.testing.assert_array_equal(
            np.concatenate([batch[name] for batch in small]),
            np.concatenate([batch[name] for batch in large]),
        )


def test_a_batch_may_exceed_the_split(data, way):
    batch = _batches(data, 1, batch_size=2 * LENGTH + 3)[0]
    indices = prepared_set.indices_of(batch["source"])
    assert sorted(indices[: 2 * LENGTH]) == sorted(2 * list(range(LENGTH)))


def test_the_seed_matters(data, way):
    one, other = (_batches(data, 3, seed=seed) for seed in (0, 1))
    assert not np.array_equal(one[0]["source"], other[0]["source"])


def test_flips(data, way):
    flipped = [
        flip
        for batch in _batches(data, 25)
        for side in ("source", "target")
        for flip in prepared_set.flips_of(batch[side])
    ]
    # 100 of 200 expected, standard deviation 7.
    assert 65 < sum(flipped) < 135
    plain = _batches(data, 25, flip=False)
    assert not any(
        any(prepared_set.flips_of(batch["source"])) for batch in plain
    )
    assert [prepared_set.indices_of(b["source"]) for b in plain] == [
        prepared_set.indices_of(b["source"]) for b in _batches(data, 25)
    ]


def test_cache_keeps_a_large_set_in_memory(data, monkeypatch):
    in_memory = _batches(data, 3)
    monkeypatch.setattr(pipeline, "MEMORY_LIMIT", 0)
    _assert_same(_batches(data, 3, cache=True), in_memory)


def test_damage_is_refused_by_name(data, way):
    file = prepared_set.shard_file(data.path)
    prepared_set.damage(file)
    if way == "memory":
        with pytest.raises(UserError, match=f"{file}.*damaged record"):
            _batches(data, 1)
        return
    with pytest.raises((UserError, *DATA_ERRORS)) as error:
        _batches(data, LENGTH)
    refusal = error.value
    if isinstance(refusal, DATA_ERRORS):
        refusal = describe_data_error(refusal, data)
    assert file in str(refusal)


def test_replicas_get_consecutive_parts(data):
    said = processes.succeed("tests.data.two_replicas", data.path)
    result = json.loads(said)
    joined = [np.concatenate(parts) for parts in result["parts"]]
    np.testing.assert_array_equal(joined, result["plain"])
    assert np.shape(result["parts"]) == (3, 2, 2, 8, 8, 3)


def test_a_side_alone_is_what_it_is_in_pairs(data, way):
    config = DataConfig(shuffle_buffer=10)
    alone = pipeline.training_batches(
        data, config, 4, seed=0, start_step=3, sides=("target",)
    )
    paired = _batches(data, 5, start_step=3)
    expected = [
        {"target": batch["target"], "target_label": batch["target_label"]}
        for batch in paired
    ]
    _assert_same(list(alone.take(5).as_numpy_iterator()), expected)
