"""The classifier of RC and FC does what is said of it."""

import numpy as np
import pytest

from data_prep.creatures.drawing import draw, sample_scene
from data_prep.creatures.species import SPECIES
from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.cache.row_file import RowFile
from deepi2i_tf.evaluation.reference.classifier import (
    fake_classifier_confusion,
    train_classifier,
)
from deepi2i_tf.evaluation.reference.networks import build_classifier
from deepi2i_tf.evaluation.reference.training import predict
from tests.evaluation import disc_set

NUM_SPECIES = 16


def _creatures(first, count):
    labels = np.arange(first, first + count, dtype=np.int32) % NUM_SPECIES
    images = [
        draw(SPECIES[label], *sample_scene(0, index), 32)
        for label, index in zip(
            labels, range(first, first + count), strict=True
        )
    ]
    return np.stack(images), labels


def test_knows_sixteen_species_that_it_did_not_see():
    images, labels = _creatures(0, 1600)
    order = np.random.default_rng(0).permutation(1600)
    recipe = ReferenceTrainingConfig()
    network = build_classifier(32, NUM_SPECIES, recipe, seed=0)
    train_classifier(network, images[order], labels[order], recipe, 0, print)
    images, labels = _creatures(10_000, 320)
    assert np.mean(predict(network, images).argmax(axis=1) == labels) >= 0.97


@pytest.fixture
def discs():
    labels = np.arange(90, dtype=np.int32) % 3
    images = [disc_set.scene_image(c, i) for i, c in enumerate(labels)]
    return np.stack(images)[:, ::2, ::2], labels


def test_fc_reads_its_images_from_a_file(discs, tmp_path):
    images, labels = discs
    order = np.argsort(labels, kind="stable")  # as the pass leaves them
    file = RowFile(str(tmp_path / "fakes"), (16, 16, 3), np.uint8)
    file.append(images[order])
    said = []
    confusion = fake_classifier_confusion(
        file, labels[order], images, labels, 3, disc_set.RECIPE, 0, said.append
    )
    assert confusion.sum() == 90 and np.trace(confusion) >= 80
    assert said[0].startswith("judge: fake classifier step")


def test_fc_learns_what_translations_are_called(discs):
    images, labels = discs
    confusion = fake_classifier_confusion(
        images, (labels + 1) % 3, images, labels, 3, disc_set.RECIPE, 0, print
    )
    assert np.trace(np.roll(confusion, -1, axis=1)) >= 80
