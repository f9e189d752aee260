import collections
import dataclasses

import numpy as np
import pytest

from deepi2i_tf.config import DataConfig
from deepi2i_tf.data import pipeline
from deepi2i_tf.data.arrays import load_arrays
from deepi2i_tf.data.prepared.class_subset import only_classes, without_classes
from deepi2i_tf.data.prepared.find import (
    find_configured,
    find_prepared,
    read_folder,
)
from deepi2i_tf.data.prepared.integrity import find_damage
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set, tfds_set

# Classes are cat, dog, elk: index modulo 3.
KEPT = [i for i in prepared_set.INDICES["train"] if i % 3 != 1]


@pytest.fixture(name="whole")
def _whole(tmp_path):
    prepared_set.write_prepared(tmp_path)
    return find_prepared(str(tmp_path), "creatures", 8)


@pytest.fixture(name="data")
def _data(whole):
    return without_classes(whole, ("dog",))


@pytest.fixture(name="way", params=["memory", "stream", "raw"])
def _way(request, tmp_path, monkeypatch):
    """Another set for each way of reading."""
    if request.param != "memory":
        monkeypatch.setattr(pipeline, "MEMORY_LIMIT", 0)
    encoding = "raw" if request.param == "raw" else "png"
    path = prepared_set.write_prepared(
        tmp_path / "way", num_shards=2, encoding=encoding
    )
    return without_classes(read_folder(path, 8), ("dog",))


def batches(data, count, start_step=0):
    config = DataConfig(shuffle_buffer=10)
    made = pipeline.training_batches(data, config, 4, 1, start_step)
    return list(made.take(count).as_numpy_iterator())


def test_names_labels_and_counts_are_those_of_the_others(data):
    assert data.class_names == ("cat", "elk")
    assert data.num_examples == {"train": len(KEPT), "test": 4}
    read = load_arrays(data, "train")
    indices = read["image"][:, 0, 0, 0].tolist()
    assert sorted(indices) == KEPT
    expected = [{0: 0, 2: 1}[index % 3] for index in indices]
    assert read["label"].tolist() == expected


def test_every_epoch_has_every_kept_image_once(way):
    epochs = 4
    # 15 images an epoch: 15 batches of 4 make four epochs.
    for side in ("source", "target"):
        read = batches(way, len(KEPT) * epochs // 4)
        images = np.concatenate([batch[side] for batch in read])
        indices = prepared_set.indices_of(images)
        for epoch in range(epochs):
            one = indices[epoch * len(KEPT) : (epoch + 1) * len(KEPT)]
            assert sorted(one) == KEPT
        labels = np.concatenate([batch[f"{side}_label"] for batch in read])
        assert labels.tolist() == [(index % 3) // 2 for index in indices]


def test_a_run_resumes_at_any_step(way):
    whole = batches(way, 12)
    for start in (1, 3, 4, 9):
        rest = batches(way, 12 - start, start)
        for one, other in zip(whole[start:], rest, strict=True):
            for name in one:
                np.testing.assert_array_equal(one[name], other[name])


def test_a_class_is_known_in_whatever_form_its_name_is_given(whole):
    stored = dataclasses.replace(whole, class_names=("cat", "e\u0301", "elk"))
    assert without_classes(stored, ("\xe9",)).class_names == ("cat", "elk")
    assert only_classes(stored, ("\xe9",)).class_names == ("e\u0301",)
    with pytest.raises(UserError, match="Received: ox. Correct them"):
        without_classes(stored, ("\xe9", "ox"))


def test_the_rest_are_the_classes_held_out(whole):
    unseen = only_classes(whole, ("dog",))
    read = load_arrays(unseen, "test")
    assert read["image"][:, 0, 0, 0].tolist() == [100, 103, 106]
    assert set(read["label"]) == {0}


def test_both_splits_of_one_set_of_shards_lose_the_class(tmp_path):
    path = tfds_set.write_set(
        tmp_path, splits=(("train", range(47)),), num_shards=3
    )
    whole = read_folder(path, tfds_set.RESOLUTION)
    data = without_classes(whole, whole.class_names[:1])
    for split in ("train", "test"):
        every = load_arrays(whole, split)
        left = collections.Counter(every["label"][every["label"] > 0] - 1)
        read = load_arrays(data, split)
        assert collections.Counter(read["label"]) == left
        assert data.num_examples[split] == len(read["label"])


def test_another_subset_has_another_identity(whole, data):
    other = without_classes(whole, ("elk",))
    assert len({each.identity() for each in (whole, data, other)}) == 3


def test_shards_with_classes_left_out_are_not_damaged(data):
    assert find_damage(data) is None


def test_the_configuration_says_which(whole):
    config = DataConfig(
        dataset="creatures", data_dir=whole.path, held_out_classes=("cat",)
    )
    assert find_configured(config, 8).class_names == ("dog", "elk")
    assert without_classes(whole, ()) is whole


@pytest.mark.parametrize(
    "names, said",
    [
        (("fox", "dog"), "Received: fox. Correct them."),
        (("cat", "dog", "elk"), "0 train and 0 test images"),
    ],
)
def test_what_cannot_be_held_out_is_refused(whole, names, said):
    with pytest.raises(UserError, match="Expected") as refusal:
        without_classes(whole, names)
    assert said in str(refusal.value)


def test_a_damaged_shard_is_named(whole):
    prepared_set.damage(prepared_set.shard_file(whole.path))
    with pytest.raises(UserError, match="00001-of-00003"):
        without_classes(whole, ("dog",))
