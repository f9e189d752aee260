import numpy as np

from deepi2i_tf.evaluation.translations import draw_z, read_translations
from tests.evaluation import disc_set


def _read(evaluation, translate, batch_size):
    return read_translations(
        translate,
        evaluation.sources,
        evaluation.judge,
        dim_z=5,
        seed=3,
        shown=4,
        batch_size=batch_size,
        say=lambda line: None,
    )


def test_every_source_goes_into_every_class_with_its_own_z(evaluation):
    calls = []

    def translate(images, z, labels):
        assert images.dtype == z.dtype == np.float32
        assert labels.dtype == np.int32
        assert len(images) == len(z) == len(labels) <= 20
        calls.append((z, labels))
        return images

    readings = _read(evaluation, translate, 20)
    z, labels = (np.concatenate(parts) for parts in zip(*calls, strict=True))
    count = len(evaluation.sources)
    assert labels.tolist() == [0] * count + [1] * count + [2] * count
    assert z.shape == (3 * count, 5)
    assert len(np.unique(z[:, 0])) == 3 * count
    assert readings.classes.shape == (3, count)
    assert readings.poses.shape == (3, count, 5)
    for pictures in readings.pictures:
        np.testing.assert_array_equal(pictures, evaluation.sources.images[:4])


def test_does_not_depend_on_the_batch_size(evaluation):
    def translate(images, z, labels):
        return np.clip(images + 0.1 * z[:, 0, None, None, None], -1, 1)

    one, two = (_read(evaluation, translate, size) for size in (3, 48))
    np.testing.assert_array_equal(one.classes, two.classes)
    np.testing.assert_array_equal(one.pictures, two.pictures)


def test_z_follows_seed_and_target_and_not_the_count():
    np.testing.assert_array_equal(
        draw_z(3, 4, 0, 1), draw_z(disc_set.SIZES["test"], 4, 0, 1)[:3]
    )
    assert (draw_z(3, 4, 0, 1) != draw_z(3, 4, 0, 2)).all()
    assert (draw_z(3, 4, 0, 1) != draw_z(3, 4, 1, 1)).all()
