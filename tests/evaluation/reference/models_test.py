import numpy as np
import pytest

from data_prep.creatures.drawing import draw, sample_scene
from data_prep.creatures.species import SPECIES
from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.cache.row_file import RowFile
from deepi2i_tf.evaluation.images.labelled_images import RealImages
from deepi2i_tf.evaluation.reference import models as models_module
from deepi2i_tf.evaluation.reference.models import (
    ReferenceModels,
    fc_confusion,
)
from deepi2i_tf.evaluation.reference.networks import build_classifier
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
    config = ReferenceTrainingConfig()
    models = ReferenceModels(32, NUM_SPECIES, has_pose=False, config=config)
    models.train(RealImages(images[order], labels[order]))
    images, labels = _creatures(10_000, 320)
    assert np.mean(models.classify(images) == labels) >= 0.97


@pytest.fixture
def discs():
    labels = np.arange(90, dtype=np.int32) % 3
    images = [disc_set.scene_image(c, i) for i, c in enumerate(labels)]
    return np.stack(images)[:, ::2, ::2], labels


def test_fc_reads_its_images_from_a_file(discs, tmp_path):
    images, labels = discs
    order = np.argsort(labels, kind="stable")  # as they come
    file = RowFile(str(tmp_path / "translations"), (16, 16, 3), np.uint8)
    file.append(images[order])
    confusion = fc_confusion(
        file, labels[order], images, labels, 3, disc_set.RECIPE
    )
    assert confusion.sum() == 90 and np.trace(confusion) >= 80


def test_fc_learns_what_translations_are_called(discs):
    images, labels = discs
    confusion = fc_confusion(
        images, (labels + 1) % 3, images, labels, 3, disc_set.RECIPE
    )
    assert np.trace(np.roll(confusion, -1, axis=1)) >= 80


def test_reads_classes_and_poses(evaluation, sources):
    models = evaluation.extractor.models
    classes = models.classify(sources.images)
    assert classes.dtype == np.int32 and classes.shape == (48,)
    assert np.mean(classes == sources.labels) >= 0.95
    poses = models.predict_poses(sources.images)
    assert poses.shape == (48, 5)
    error = np.abs(poses - sources.poses).mean(axis=0)
    assert error[0] < 0.05 and error[1] < 0.05  # x and y span 0.4


def test_features_are_what_the_last_layer_decides_by(evaluation, sources):
    models = evaluation.extractor.models
    classes, features = models.classify_with_features(sources.images)
    assert features.shape == (48, models.num_features) == (48, 16)
    np.testing.assert_array_equal(classes, models.classify(sources.images))
    weights, bias = models.classifier.layers[-1].get_weights()
    np.testing.assert_array_equal(
        classes, (features @ weights + bias).argmax(1)
    )


def test_has_no_regressor_where_there_are_no_poses():
    models = ReferenceModels(16, 3, has_pose=False, config=disc_set.RECIPE)
    assert models.regressor is None
    assert models.classify(np.zeros((2, 16, 16, 3), np.uint8)).shape == (2,)


def test_large_images_are_shrunk_and_small_ones_are_not():
    config = ReferenceTrainingConfig(widths=(4,))
    sides = [ReferenceModels(r, 2, False, config).side for r in (32, 128)]
    assert sides == [32, 64]


def test_predict_takes_any_number_of_images(monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3))
    network = build_classifier(16, 2, disc_set.RECIPE)
    whole = models_module.predict(network, images.astype(np.uint8))
    monkeypatch.setattr(models_module, "PREDICTION_BATCH", 7)
    parts = models_module.predict(network, images.astype(np.uint8))
    assert whole.shape == (40, 2)
    # Other batch sizes may sum in another order.
    np.testing.assert_allclose(parts, whole, atol=1e-5)
