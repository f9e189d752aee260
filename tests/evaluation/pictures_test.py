import types

import numpy as np
import pytest

from deepi2i_tf.evaluation.evaluated_model import EvaluatedModel
from deepi2i_tf.evaluation.pictures import (
    NUM_STEPS,
    class_interpolations,
    collect_pictures,
    interpolations,
    latent_interpolations,
    nearest_images,
)
from tests.evaluation import disc_set


@pytest.fixture(scope="module")
def copying(evaluation, tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    return disc_set.measure(evaluation, disc_set.copying, folder)


def test_grid_and_samples_show_what_was_measured(copying, evaluation, sources):
    shown = sources.take(np.arange(4))
    pictures = collect_pictures(copying, evaluation, shown)
    assert pictures["sources"].shape == (4, 32, 32, 3)
    assert pictures["source_labels"].tolist() == [0, 1, 2, 0]
    assert pictures["grid_targets"].tolist() == [0, 1, 2]
    for row in pictures["grid"]:
        np.testing.assert_array_equal(row, pictures["sources"])
    rows = copying.samples.rows
    np.testing.assert_array_equal(pictures["random"], sources.images[rows])
    assert pictures["random_targets"].shape == (48,)
    assert pictures["confusion"].shape == (3, 3)
    assert pictures["confusion"].sum() == 3 * 48
    poses = evaluation.extractor.models.predict_poses(pictures["sources"])
    np.testing.assert_array_equal(pictures["source_poses"], poses)
    # They copy, so every row of the grid has the poses of the sources.
    for row in pictures["grid_poses"]:
        np.testing.assert_allclose(row, poses, rtol=1e-4, atol=1e-5)
    for name, array in pictures.items():
        numbers = name.endswith(
            ("targets", "labels", "distance", "confusion", "poses")
        )
        assert numbers or array.dtype == np.uint8


def test_neighbours_are_training_images_of_the_target(copying, evaluation):
    pictures = collect_pictures(copying, evaluation, None)
    assert "grid" not in pictures and "sources" not in pictures
    distance = pictures["nearest_distance"]
    assert distance.shape == (8, 3)
    assert (np.diff(distance, axis=1) >= 0).all()
    train = {
        disc_set.scene_image(c, i).tobytes(): c
        for i in range(disc_set.SIZES["train"])
        for c in [disc_set.label_of(i)]
    }
    targets = pictures["random_targets"][:8]
    for found, target in zip(pictures["nearest_found"], targets, strict=True):
        assert {train[image.tobytes()] for image in found} == {target}


def test_test_images_have_no_training_neighbours(copying, evaluation):
    other = types.SimpleNamespace(
        reals_split="test", reals=evaluation.reals, data=evaluation.data
    )
    assert "nearest_found" not in collect_pictures(copying, other, None)


class _Reals:
    """One number as a feature: rows 0 to 9, odd ones of class 1."""

    counts = (5, 5)

    def rows_of(self, label):
        return np.arange(label, 10, 2)

    def of_class(self, label):
        return self.rows_of(label).astype(np.float32)[:, None]

    def images(self, rows):
        return np.broadcast_to(
            rows[:, None, None, None], (len(rows), 2, 2, 3)
        ).astype(np.uint8)


class _Samples:
    targets = np.array([1, 0])

    def in_order(self, kept):
        return np.stack([kept[target][0] for target in self.targets])


def _measurement():
    results = [
        {"chosen": images, "chosen_features": np.array([[feature]])}
        for images, feature in (
            (np.full((1, 2, 2, 3), 60, np.uint8), 3.9),
            (np.full((1, 2, 2, 3), 70, np.uint8), 8.5),
        )
    ]
    return types.SimpleNamespace(results=results, samples=_Samples())


def test_the_nearest_of_the_target_class_come_first():
    found = nearest_images(_measurement(), _Reals())
    assert found["nearest_query"][:, 0, 0, 0].tolist() == [70, 60]
    assert found["nearest_found"].shape == (2, 3, 2, 2, 3)
    first = found["nearest_found"][:, :, 0, 0, 0]
    assert first.tolist() == [[9, 7, 5], [4, 2, 6]]
    np.testing.assert_allclose(
        found["nearest_distance"], [[0.5, 1.5, 3.5], [0.1, 1.9, 2.1]]
    )


def test_a_class_of_two_images_has_no_three_neighbours():
    reals = _Reals()
    reals.counts = (2, 5)
    found = nearest_images(_measurement(), reals)
    assert found["nearest_query"][:, 0, 0, 0].tolist() == [70]
    assert found["nearest_found"][:, :, 0, 0, 0].tolist() == [[9, 7, 5]]
    reals.counts = (2, 2)
    assert nearest_images(_measurement(), reals) == {}


SOURCES = np.stack([np.full((4, 4, 3), v, np.uint8) for v in (0, 100)])


def _model(translate=None, **ways):
    return EvaluatedModel(translate, dim_z=5, **ways)


def test_classes_are_interpolated_in_pairs():
    calls = []

    def interpolate(images, z, first, second, amount):
        assert images.shape == (NUM_STEPS, 4, 4, 3)
        assert images.dtype == z.dtype == amount.dtype == np.float32
        assert first.dtype == second.dtype == np.int32
        assert (z == z[0]).all()
        calls.append((first[0], second[0], amount.tolist()))
        return images

    strips = class_interpolations(
        _model(interpolate_classes=interpolate), SOURCES, 3, seed=0
    )
    assert strips["class_strips"].shape == (2, NUM_STEPS, 4, 4, 3)
    assert strips["class_strip_targets"].tolist() == [[0, 1], [1, 2]]
    assert [call[:2] for call in calls] == [(0, 1), (1, 2)]
    assert calls[0][2][0] == 0.0 and calls[0][2][-1] == 1.0
    # Sources take turns.
    assert strips["class_strips"][:, 0, 0, 0, 0].tolist() == [0, 100]


def test_many_classes_get_a_few_strips():
    model = _model(interpolate_classes=lambda images, *_: images)
    strips = class_interpolations(model, SOURCES, 149, seed=0)
    targets = strips["class_strip_targets"]
    assert targets[0, 0] == 0 and targets[-1, 1] == 148 and len(targets) <= 6
    np.testing.assert_array_equal(targets[1:, 0], targets[:-1, 1])


def test_latents_are_interpolated_between_two_z():
    def translate(images, z, labels):
        assert z.shape == (NUM_STEPS, 5) and (labels == labels[0]).all()
        amounts = np.arange(NUM_STEPS) / (NUM_STEPS - 1)
        ends = z[:1], z[-1:]
        expected = [between(ends[0][0], ends[1][0], a) for a in amounts]
        np.testing.assert_allclose(z, expected, atol=1e-6)
        assert (z[0] != z[-1]).all()
        return images

    def between(first, second, amount):
        return ((1 - amount) * first + amount * second).astype(np.float32)

    strips = latent_interpolations(
        _model(translate, interpolate_z=between), SOURCES, 2, seed=0
    )
    assert strips["z_strips"].shape == (2, NUM_STEPS, 4, 4, 3)
    assert strips["z_strip_targets"].tolist() == [0, 1]


def test_a_single_class_leads_nowhere():
    model = _model(interpolate_classes=lambda *_: None)
    assert interpolations(model, SOURCES, 1, seed=0) == {}


def test_a_bare_translator_has_no_interpolations():
    assert interpolations(_model(), SOURCES, 3, seed=0) == {}
