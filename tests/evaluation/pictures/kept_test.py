import types

import numpy as np
import pytest

from deepi2i_tf.evaluation.pictures.kept import collect_pictures
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
    for name, array in pictures.items():
        numbers = name.endswith(("targets", "labels", "distance", "confusion"))
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
