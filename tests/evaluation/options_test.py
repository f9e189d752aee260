import dataclasses
import json

from deepi2i_tf.evaluation.options import EvaluationOptions


def test_diversity_may_need_more_z_than_count():
    options = EvaluationOptions(num_z=2, diversity_z=5)
    assert options.all_z == 5
    assert dataclasses.replace(options, num_z=7).all_z == 7
    assert dataclasses.replace(options, diversity_sources=0).all_z == 2


def test_identity_knows_everything_but_where_weights_lie():
    options = EvaluationOptions()
    moved = dataclasses.replace(options, inception_weights="elsewhere.pb")
    assert moved.identity() == options.identity()
    changes = {
        "num_images": 5,
        "num_z": 3,
        "reals_split": "test",
        "reals_per_class": 9,
        "diversity_sources": 1,
        "diversity_z": 9,
        "fake_classifier": False,
        "seed": 1,
        "batch_size": 1,
        "shown": 1,
    }
    for name, value in changes.items():
        other = dataclasses.replace(options, **{name: value})
        assert other.identity() != options.identity()
    assert json.dumps(options.identity())
