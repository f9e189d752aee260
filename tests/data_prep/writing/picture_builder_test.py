import pytest

from data_prep.creatures import creatures_dataset_builder as creatures
from data_prep.writing.picture_builder import (
    PictureConfig,
    fit_from,
    photo_settings,
)
from data_prep.writing.shards import run_here
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import Fit

CONFIG = {
    "resolution": 16,
    "num_classes": 2,
    "first_class": 0,
    "num_images": 40,
    "seed": 0,
    "min_images_per_class": 2,
}


class Fragile(creatures.Builder):
    """Cannot draw the pictures whose numbers are in `fragile`."""

    name = "fragile"
    fragile = frozenset()

    @classmethod
    def make_picture(cls, config, item):
        if item.id in cls.fragile:
            raise UserError("slipped")
        return super().make_picture(config, item)


@pytest.fixture
def builder(tmp_path):
    Fragile.fragile = frozenset()
    config = creatures.config_from(CONFIG)
    config.max_refused = 0.05
    config.work_dir = str(tmp_path / "work")
    (tmp_path / "work").mkdir()
    return Fragile(config=config, data_dir=str(tmp_path / "data"))


def test_written_and_refused_are_counted(builder):
    ids = [item.id for item in builder.catalogue.of_split("train")]
    Fragile.fragile = frozenset(ids[:2])
    builder.write_shards(2, run_here)
    assert builder.refused == [(name, "slipped") for name in ids[:2]]
    assert sum(builder.written.values()) == 38
    assert builder.info.splits["train"].num_examples == 34
    builder.check_written()


def test_too_many_refusals_end_it(builder):
    ids = [item.id for item in builder.catalogue.items]
    Fragile.fragile = frozenset(ids[:10])
    with pytest.raises(UserError, match="--max_refused.*slipped"):
        builder.write_shards(2, run_here)


def test_a_class_without_test_images_is_refused(builder):
    builder.written.update({("rabbit", "train"): 9, ("tiger", "train"): 9})
    builder.written["tiger", "test"] = 1
    with pytest.raises(
        UserError, match="rabbit.*9 for training, 0 for testing"
    ):
        builder.check_written()


def test_shards_are_no_more_than_pictures(builder):
    builder.write_shards(50, run_here)
    assert builder.info.splits["train"].num_shards == 36
    assert builder.info.splits["test"].num_shards == 4


def test_no_shard_is_empty(builder):
    ids = [item.id for item in builder.catalogue.of_split("test")]
    Fragile.fragile = frozenset(ids[:2])
    builder.write_shards(50, run_here)
    assert builder.info.splits["test"].shard_lengths == [1, 1]


PHOTO_FLAGS = {
    "resolution": 16,
    "fit": "crop",
    "pad_color": "",
    "max_refused": 0.1,
    "min_images_per_class": 3,
    "manual_dir": "raw",
}


@pytest.mark.parametrize(
    ("marks", "name"),
    [
        ({}, "r16"),
        ({"upstream": False, "named": True}, "r16_named"),
        ({"upstream": True, "named": True}, "r16_upstream_named"),
    ],
)
def test_marks_that_hold_join_the_name(marks, name):
    assert PictureConfig(**photo_settings(PHOTO_FLAGS, **marks)).name == name


def test_what_all_share_is_taken_and_nothing_else():
    assert photo_settings(PHOTO_FLAGS) == {
        "name": "r16",
        "fit": Fit(),
        "resolution": 16,
        "max_refused": 0.1,
        "min_images_per_class": 3,
    }


def test_a_colour_is_a_colour_and_needs_a_background():
    assert fit_from({"fit": "pad", "pad_color": "navy"}).pad_color == (
        0,
        0,
        128,
    )
    with pytest.raises(UserError, match="--pad_color with --fit=pad only"):
        fit_from({"fit": "squash", "pad_color": "navy"})
    with pytest.raises(UserError, match="a colour such as .*'grue'"):
        fit_from({"fit": "pad", "pad_color": "grue"})


def test_the_fit_joins_the_name_before_the_marks():
    flags = PHOTO_FLAGS | {"fit": "squash"}
    assert photo_settings(flags, named=True)["name"] == "r16_squash_named"
