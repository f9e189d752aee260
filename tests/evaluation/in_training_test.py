import dataclasses
import os
import types

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf import config
from deepi2i_tf.evaluation import in_training
from deepi2i_tf.metrics import names
from tests.evaluation import disc_set

# Whether a judge is any good is asked elsewhere.
OPTIONS = dataclasses.replace(
    disc_set.OPTIONS,
    reference=dataclasses.replace(
        disc_set.RECIPE, classifier_steps=5, pose_steps=5
    ),
)


def halve(images, z, labels, training):
    assert training is False
    return images / 2


def test_translate_function_takes_any_batch_and_gives_arrays():
    translate = in_training.translate_function(halve)
    for batch in (3, 2):
        images = np.ones((batch, 4, 4, 3), np.float32)
        translated = translate(
            images, np.zeros((batch, 8), np.float32), np.zeros(batch, np.int32)
        )
        np.testing.assert_array_equal(translated, images / 2)


def test_one_graph_serves_all_batches():
    traced = []

    def translator(images, z, labels, training):
        traced.append(images.shape)
        return images

    translate = in_training.translate_function(translator)
    for batch in (3, 2, 3):
        images = np.ones((batch, 4, 4, 3), np.float32)
        z, labels = np.zeros((batch, 8), np.float32), np.zeros(batch, np.int32)
        translate(images, z, labels)
    assert traced == [(None, 4, 4, 3)]


class _Mixable:
    """Paints an image in the number that its embedding is."""

    generator = types.SimpleNamespace(
        embed=lambda labels: tf.cast(labels, tf.float32)[:, None] / 10
    )

    def __call__(self, images, z, embedding, training):
        return tf.zeros_like(images) + embedding[:, :, None, None]


def test_mix_function_walks_between_embeddings():
    network = config.NetworkConfig(resolution=32, num_classes=6)
    mix = in_training.mix_function(_Mixable(), network)
    images = np.ones((3, 32, 32, 3), np.float32)
    mixed = mix(
        images,
        np.zeros((3, in_training.z_length(network)), np.float32),
        np.full(3, 1, np.int32),
        np.full(3, 5, np.int32),
        np.array([0, 0.5, 1], np.float32),
    )
    np.testing.assert_allclose(mixed[:, 0, 0, 0], [0.1, 0.3, 0.5], atol=1e-6)


@pytest.mark.parametrize(
    "run_dir, runs_dir, folder",
    [
        ("runs/00001-a", "elsewhere", "runs/judge"),
        ("runs/00001-a/", "", "runs/judge"),
        ("run", "", "judge"),
        ("", "all", "all/judge"),
    ],
)
def test_judges_lie_beside_the_run(run_dir, runs_dir, folder):
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


def test_run_evaluator_measures_distances_and_keeps_its_judge(
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
    }
    assert capsys.readouterr().out.count("judge: training on") == 1
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
    assert "without mFID and mKID" in capsys.readouterr().out


def test_measuring_while_training_trains_nothing_but_the_judge():
    options = in_training.IN_TRAINING
    assert not options.fc and not options.diversity_sources
    assert options.num_images < in_training.EvaluationConfig().num_images
    # So that `evaluate` finds the same judge.
    assert options.reference == in_training.EvaluationConfig().reference
    assert options.seed == in_training.EvaluationConfig().seed
