import dataclasses
import os

import pytest
import tensorflow as tf

from deepi2i_tf import config
from deepi2i_tf.evaluation import in_training
from deepi2i_tf.metrics import names
from tests.evaluation import disc_set

# Whether reference models are any good is asked elsewhere.
OPTIONS = dataclasses.replace(
    disc_set.OPTIONS,
    reference=dataclasses.replace(
        disc_set.RECIPE, classifier_steps=5, pose_steps=5
    ),
)


def halve(images, z, labels, training):
    assert training is False
    return images / 2


@pytest.mark.parametrize(
    "run_dir, runs_dir, folder",
    [
        ("runs/00001-a", "elsewhere", "runs/judge"),
        ("runs/00001-a/", "", "runs/judge"),
        ("run", "", "judge"),
        ("", "all", "all/judge"),
    ],
)
def test_reference_models_lie_beside_the_run(run_dir, runs_dir, folder):
    assert in_training.reference_folder(run_dir, runs_dir) == folder


@pytest.fixture
def run_config(tmp_path):
    def make(**sizes):
        disc_set.write_set(tmp_path / "data", **sizes)
        return config.Config(
            data=config.DataConfig(
                dataset="discs", data_dir=str(tmp_path / "data")
            ),
            network=config.NetworkConfig(resolution=disc_set.RESOLUTION),
            training=config.TrainingConfig(runs_dir=str(tmp_path / "all")),
        )

    return make


def test_run_evaluator_measures_distances_and_keeps_its_models(
    run_config, tmp_path, capsys
):
    measure = in_training.RunEvaluator(run_config(), OPTIONS)
    first, second = measure(10, halve), measure(20, halve)
    assert first == second
    assert set(first) == {
        names.RC,
        names.RC_CHANGED,
        names.RC_REAL,
        names.MFID,
        names.MKID_X100,
        names.POSE_R2,
        names.POSE_R2_TO_READING,
        names.POSE_R2_REAL,
        names.POSE_SLOPE,
    }
    assert capsys.readouterr().out.count("reference models: training on") == 1
    assert len(os.listdir(tmp_path / "all" / "judge")) == 1


class _Painter:
    """Draws real images of a class, or its neighbour's."""

    def __init__(self, shift):
        self.shift = shift

    def __call__(self, z, labels, training):
        assert training is False
        colours = tf.constant(disc_set.COLOURS / 127.5 - 1.0)
        chosen = tf.gather(colours, (labels + self.shift) % 3)
        return tf.tile(chosen[:, None, None, :], (1, 32, 32, 1))


def test_samples_are_measured_against_their_classes(run_config):
    options = dataclasses.replace(disc_set.OPTIONS, num_images=20)
    measure = in_training.SampleEvaluator(run_config(), options)
    right, wrong = measure(10, _Painter(0)), measure(20, _Painter(1))
    assert right[names.RC] > 0.9 and wrong[names.RC] < 0.1
    assert names.MFID in right
    assert names.RC_CHANGED not in right and names.POSE_R2 not in right


def test_a_run_on_too_few_images_is_measured_without_distances(
    run_config, capsys
):
    options = dataclasses.replace(OPTIONS, num_images=1)
    scores = in_training.RunEvaluator(run_config(train=30), options)(10, halve)
    assert names.RC in scores and names.MFID not in scores
    said = capsys.readouterr().out
    assert "Evaluation: Expected at least 2 translations of every" in said
    assert "amber (1), blue (1), green (1)" in said


def test_measuring_while_training_trains_nothing_but_reference_models():
    options = in_training.IN_TRAINING
    assert not options.fc and not options.diversity_sources
    assert options.num_images < in_training.EvaluationConfig().num_images
    # So that `evaluate` finds the same models.
    assert options.reference == in_training.EvaluationConfig().reference
    assert options.seed == in_training.EvaluationConfig().seed
