"""Tests of the stages of training."""

import itertools

import pytest

from deepi2i_tf.models.stages import networks_of, stage_at, stages


def test_from_scratch_everything_trains_always():
    (only,) = stages("scratch", 500)
    assert only.trainable == (
        ("encoder", "adaptor", "generator", "discriminator")
    )
    assert only.ends_at is None


@pytest.mark.parametrize(
    ("step", "name"),
    [(0, "warmup"), (499, "warmup"), (500, "transfer"), (9999, "transfer")],
)
def test_transfer_warms_up_first(step, name):
    assert stage_at("transfer", 500, step).name == name


def test_generator_and_encoder_stand_still_in_the_warm_up():
    warmup, transfer = stages("transfer", 500)
    assert warmup.trainable == ("adaptor", "discriminator")
    assert "encoder" not in transfer.trainable
    assert "generator" in transfer.trainable


def test_stages_follow_on_each_other():
    for before, after in itertools.pairwise(stages("transfer", 20)):
        assert before.ends_at == after.begins_at


def test_no_warm_up_at_all():
    assert stage_at("transfer", 0, 0).name == "transfer"


def test_pretraining_has_two_networks_and_one_stage():
    (only,) = stages("pretrain", 500)
    assert only.name == "pretrain" and only.ends_at is None
    assert only.trainable == networks_of("pretrain")
    assert only.trainable == ("generator", "discriminator")


@pytest.mark.parametrize("kind", ["scratch", "transfer"])
def test_a_translator_has_every_network(kind):
    assert networks_of(kind) == (
        ("encoder", "adaptor", "generator", "discriminator")
    )
