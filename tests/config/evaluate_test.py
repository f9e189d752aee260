import dataclasses
import json

import pytest

from deepi2i_tf.config.evaluate import (
    EvaluateOptions,
    EvaluationConfig,
    ReferenceTrainingConfig,
)


@pytest.mark.parametrize(
    "values, said",
    [
        ({}, "one of --run_dir, --model, --translations and --compare"),
        ({"run_dir": "a", "model": "b"}, "run_dir='a', model='b'"),
        ({"run_dir": "a", "translations": "b"}, "translations='b'"),
        ({"run_dir": "a", "compare": "b,c"}, "compare='b,c'"),
        ({"translations": "a", "output": "b"}, "--reals and --output"),
        ({"translations": "a", "reals": "b"}, "--reals and --output"),
        (
            {"translations": "a", "reals": "b", "output": "c", "data_dir": "d"},
            "no --data_dir beside --translations",
        ),
        (
            {"translations": "a", "reals": "b", "output": "c", "best": True},
            "--best beside --run_dir",
        ),
        ({"run_dir": "a", "reals": "b"}, "no --reals without --translations"),
        ({"run_dir": "a", "best": True, "step": 3}, "without --step"),
        ({"model": "a", "output": "b"}, "--data_dir and --output"),
        ({"model": "a", "data_dir": "b"}, "--data_dir and --output"),
        ({"run_dir": "a", "sources": "new"}, "one of seen, unseen"),
        (
            {"run_dir": "a", "sources": "unseen", "source_dir": "b"},
            "--sources=unseen beside --run_dir and without",
        ),
    ],
)
def test_evaluate_options_refuse(values, said):
    with pytest.raises(ValueError, match=said):
        EvaluateOptions(**values)


def test_evaluate_options_take_one_kind_of_input():
    EvaluateOptions(run_dir="a")
    EvaluateOptions(model="a", data_dir="b", output="c")
    EvaluateOptions(translations="a", reals="b", output="c")


def test_how_is_refused_as_what():
    with pytest.raises(ValueError, match="one of train, test"):
        EvaluationConfig(reals_split="all")
    with pytest.raises(ValueError, match="at least 1"):
        EvaluationConfig(num_images=0)


def test_diversity_may_need_more_z_than_count():
    config = EvaluationConfig(num_z=2, diversity_z=5)
    assert config.all_z == 5
    assert dataclasses.replace(config, num_z=7).all_z == 7
    assert dataclasses.replace(config, diversity_sources=0).all_z == 2


def test_identity_knows_everything_but_where_weights_lie():
    config = EvaluationConfig()
    moved = dataclasses.replace(config, inception_weights="elsewhere.pb")
    assert moved.identity() == config.identity()
    changes = {
        "num_images": 5,
        "num_z": 3,
        "reals_split": "test",
        "reals_per_class": 9,
        "diversity_sources": 1,
        "diversity_z": 9,
        "fc": False,
        "reference_steps": 1,
        "seed": 1,
        "batch_size": 1,
        "shown": 1,
    }
    for name, value in changes.items():
        other = dataclasses.replace(config, **{name: value})
        assert other.identity() != config.identity()
    assert json.dumps(config.identity())


def test_more_classes_may_take_more_steps():
    config = ReferenceTrainingConfig()
    steps = [config.longest(n) for n in (2, 32, 48, 149)]
    assert steps == [1000, 1000, 1500, 4656]


def test_reference_steps_cut_every_training():
    config = EvaluationConfig()
    assert config.reference_training == ReferenceTrainingConfig()
    short = dataclasses.replace(config, reference_steps=7).reference_training
    assert (short.longest(2), short.pose_steps) == (7, 7)
