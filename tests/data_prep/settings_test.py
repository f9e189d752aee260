import pytest

from data_prep.picture_builder import PictureConfig
from data_prep.settings import photo_settings

FLAGS = {
    "resolution": 16,
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
    assert PictureConfig(**photo_settings(FLAGS, **marks)).name == name


def test_what_all_share_is_taken_and_nothing_else():
    assert photo_settings(FLAGS) == {
        "name": "r16",
        "resolution": 16,
        "max_refused": 0.1,
        "min_images_per_class": 3,
    }
