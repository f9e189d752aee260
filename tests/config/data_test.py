"""Tests of the configuration of the data."""

import dataclasses

import pytest

from deepi2i_tf.config import Config, DataConfig


def test_a_buffer_holds_a_record():
    with pytest.raises(ValueError, match="shuffle_buffer=0"):
        DataConfig(shuffle_buffer=0)


def test_names_survive_json_as_a_tuple():
    made = Config(data=DataConfig(held_out_classes=("red fox", "elk")))
    assert Config.from_json(made.to_json()) == made


def test_every_argument_is_documented():
    for field in dataclasses.fields(DataConfig):
        assert f"        {field.name}: " in DataConfig.__doc__
