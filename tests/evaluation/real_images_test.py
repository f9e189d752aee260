import numpy as np
import pytest

from deepi2i_tf.data.prepared import PreparedData
from deepi2i_tf.errors import Refusal
from deepi2i_tf.evaluation import real_images
from deepi2i_tf.evaluation.judge_images import shrink
from tests.evaluation import disc_set


def _read(prepared, count, split="test", side=disc_set.RESOLUTION):
    return real_images.read_real_images(prepared, split, count, side)


def test_takes_equally_many_of_each_class_in_stored_order(prepared):
    real = _read(prepared, 7)
    assert real.labels.tolist() == sorted_in_turns(7)
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


def sorted_in_turns(count):
    return [place % 3 for place in range(count)]


def test_takes_all_where_there_are_fewer(prepared):
    assert len(_read(prepared, 1000)) == disc_set.SIZES["test"]


def test_shrinks_as_it_reads(prepared):
    small, full = _read(prepared, 6, side=16), _read(prepared, 6)
    np.testing.assert_array_equal(small.images, shrink(full.images, 16))


def test_take_keeps_rows_together(prepared):
    real = _read(prepared, 6)
    taken = real.take(np.array([4, 1]))
    assert taken.labels.tolist() == real.labels[[4, 1]].tolist()
    np.testing.assert_array_equal(taken.images, real.images[[4, 1]])
    np.testing.assert_array_equal(taken.poses, real.poses[[4, 1]])


def test_a_damaged_shard_is_named(tmp_path):
    prepared = disc_set.write_set(tmp_path, train=20)
    (file,) = prepared.shard_paths("train")
    with open(file, "r+b") as shard:
        shard.seek(200)
        shard.write(b"damage")
    with pytest.raises(Refusal, match="discs-train"):
        _read(prepared, 20, split="train")


def test_an_empty_split_is_refused(prepared, monkeypatch):
    monkeypatch.setattr(
        real_images, "_first_of_every_class", lambda *arguments: []
    )
    assert isinstance(prepared, PreparedData)
    with pytest.raises(Refusal, match="images in split test"):
        _read(prepared, 3)
