import math

import numpy as np
import pytest

from deepi2i_tf.evaluation.images.labelled_images import prepared_set
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
