import dataclasses
import math

import numpy as np
import pytest

from deepi2i_tf.evaluation.images.labelled_images import (
    prepared_set,
    read_real_images,
)
from deepi2i_tf.evaluation.images.shrink import shrink
from deepi2i_tf.utils.errors import UserError
from tests.evaluation import disc_set


def test_a_prepared_set_is_read_in_stored_order(prepared, data):
    assert data.class_names == disc_set.NAMES and data.num_classes == 3
    assert (data.path, data.resolution) == (prepared.path, 32)
    assert data.has_pose and data.sizes["test"] == 48
    first = disc_set.FIRST["test"]
    for index, example in zip(range(3), data.read("test"), strict=False):
        assert example["label"] == disc_set.label_of(first + index)
        np.testing.assert_array_equal(
            example["pose"], disc_set.pose_of(first + index)
        )


def test_reading_stops_when_every_class_is_full(data):
    two = list(data.first_of_each_class("train", 2))
    assert [int(each["label"]) for each in two] == [0, 1, 2, 0, 1, 2]
    assert sum(1 for _ in data.first_of_each_class("test", math.inf)) == 48


def test_a_damaged_shard_is_named(tmp_path):
    prepared = disc_set.write_set(tmp_path, train=20)
    (file,) = prepared.shard_paths("train")
    with open(file, "r+b") as shard:
        shard.seek(200)
        shard.write(b"damage")
    with pytest.raises(UserError, match="discs-train"):
        list(prepared_set(prepared).read("train"))


def _read(data, count, split="test", side=disc_set.RESOLUTION, file=""):
    return read_real_images(data, split, count, side, file)


def test_takes_equally_many_of_each_class_in_stored_order(data):
    real = _read(data, 7)
    assert real.labels.tolist() == [place % 3 for place in range(7)]
    first = disc_set.FIRST["test"]
    for place in range(7):
        # Labels of the set go round, so the n-th image is the n-th row.
        label = disc_set.label_of(first + place)
        row = place - place % 3 + label
        if row < 7:
            expected = disc_set.scene_image(label, first + place)
            np.testing.assert_array_equal(real.images[row], expected)
            np.testing.assert_array_equal(
                real.poses[row], disc_set.pose_of(first + place)
            )


def test_takes_all_where_there_are_fewer(data):
    assert len(_read(data, 1000)) == disc_set.SIZES["test"]
    assert len(_read(data, math.inf)) == disc_set.SIZES["test"]


def test_a_file_holds_the_same_images_in_the_same_order(data, tmp_path):
    file = tmp_path / "images"
    file.write_bytes(b"older")
    stored, kept = _read(data, 8, file=str(file)), _read(data, 8)
    assert file.stat().st_size >= 8 * 32 * 32 * 3
    assert stored.images.shape == kept.images.shape
    np.testing.assert_array_equal(stored.images[:], kept.images)
    np.testing.assert_array_equal(stored.labels, kept.labels)
    np.testing.assert_array_equal(stored.poses, kept.poses)


def test_shrinks_as_it_reads(data):
    small, full = _read(data, 6, side=16), _read(data, 6)
    np.testing.assert_array_equal(small.images, shrink(full.images, 16))


def test_take_keeps_rows_together(data, tmp_path):
    real = _read(data, 6, file=str(tmp_path / "images"))
    taken = real.take(np.array([4, 1]))
    assert taken.labels.tolist() == real.labels[[4, 1]].tolist()
    assert isinstance(taken.images, np.ndarray)
    np.testing.assert_array_equal(taken.images, real.images[:][[4, 1]])
    np.testing.assert_array_equal(taken.poses, real.poses[[4, 1]])


def test_an_empty_split_is_refused(data):
    empty = dataclasses.replace(data, read=lambda split: iter(()))
    with pytest.raises(UserError, match="images in split test"):
        _read(empty, 3)
