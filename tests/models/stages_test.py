"""Tests of the stages of training."""

import itertools

import pytest

from deepi2i_tf.config import Config, TrainingConfig, TransferConfig
from deepi2i_tf.models.stages import stage_at, stages
from deepi2i_tf.networks import networks_of
from deepi2i_tf.utils.errors import UserError


def run(stage, warmup_steps=500, **transfer):
    return Config(
        training=TrainingConfig(stage=stage, warmup_steps=warmup_steps),
        transfer=TransferConfig(**transfer),
    )


def test_from_scratch_everything_trains_always():
    (only,) = stages(run("scratch"))
    assert only.trainable == (
        ("encoder", "adaptor", "generator", "discriminator")
    )
    assert only.ends_at is None


@pytest.mark.parametrize(
    ("step", "name"),
    [(0, "warmup"), (499, "warmup"), (500, "transfer"), (9999, "transfer")],
)
def test_transfer_warms_up_first(step, name):
    assert stage_at(run("transfer"), step).name == name


def test_generator_and_encoder_stand_still_in_the_warm_up():
    warmup, transfer = stages(run("transfer"))
    assert warmup.trainable == ("adaptor", "discriminator")
    assert "encoder" not in transfer.trainable
    assert "generator" in transfer.trainable


def test_the_encoder_trains_after_the_warm_up_when_asked_to():
    warmup, transfer = stages(run("transfer", train_encoder=True))
    assert warmup.trainable == ("adaptor", "discriminator")
    assert set(transfer.trainable) == {
        "encoder", "adaptor", "generator", "discriminator",
    }  # fmt: skip


def test_stages_follow_on_each_other():
    for before, after in itertools.pairwise(stages(run("transfer", 20))):
        assert before.ends_at == after.begins_at


def test_no_warm_up_at_all():
    assert [stage.name for stage in stages(run("transfer", 0))] == ["transfer"]


@pytest.mark.parametrize("stage", ["scratch", "transfer", "pretrain"])
def test_frozen_networks_train_in_no_stage(stage):
    for each in stages(run(stage, freeze=("generator", "encoder"))):
        assert not {"generator", "encoder"} & set(each.trainable)
        assert "discriminator" in each.trainable


def test_a_stage_in_which_nothing_trains_is_refused():
    frozen = ("adaptor", "discriminator")
    with pytest.raises(UserError, match="in the stage warmup: adaptor, discr"):
        stages(run("transfer", freeze=frozen))
    (only,) = stages(run("transfer", 0, freeze=frozen))
    assert only.trainable == ("generator",)
    with pytest.raises(UserError, match="pretrain: generator, discriminator"):
        stages(run("pretrain", freeze=("generator", "discriminator")))


def test_pretraining_has_two_networks_and_one_stage():
    (only,) = stages(run("pretrain"))
    assert only.name == "pretrain" and only.ends_at is None
    assert only.trainable == networks_of(run("pretrain"))
    assert only.trainable == ("generator", "discriminator")


@pytest.mark.parametrize("kind", ["scratch", "transfer"])
def test_a_translator_has_every_network(kind):
    assert networks_of(run(kind)) == (
        ("encoder", "adaptor", "generator", "discriminator")
    )
