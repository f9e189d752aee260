"""Tests of the sections of a configuration."""

import dataclasses

import pytest

from deepi2i_tf.config import sections
from deepi2i_tf.config.sections import NetworkConfig, TrainingConfig


def test_images_of_a_step_count_every_micro_batch_and_round():
    training = TrainingConfig(
        batch_size=4, num_accumulations=8, discriminator_steps=2
    )
    assert training.images_per_step == 64


def test_sections_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        NetworkConfig().ch = 8


def test_attention_needs_a_map_that_exists():
    with pytest.raises(ValueError, match="attention_resolutions"):
        NetworkConfig(attention_resolutions=(48,))


def test_every_argument_is_documented():
    for name in ("Network", "Objective", "Optimizer", "Training"):
        section = getattr(sections, f"{name}Config")
        for field in dataclasses.fields(section):
            assert f"        {field.name}: " in section.__doc__
