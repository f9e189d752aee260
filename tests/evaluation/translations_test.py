import dataclasses

import numpy as np
import pytest

from deepi2i_tf.evaluation.translations import (
    ClassSamples,
    TranslatedSources,
    draw_z,
)
from deepi2i_tf.utils.errors import UserError
from tests.evaluation import disc_set

OPTIONS = dataclasses.replace(disc_set.OPTIONS, batch_size=20)


def _all_batches(translate, sources, options=OPTIONS):
    translations = TranslatedSources(translate, 5, sources, options)
    return [list(translations.batches(target)) for target in range(3)]


def test_every_source_goes_into_every_class_with_its_own_z(sources):
    calls = []

    def translate(images, z, labels):
        assert images.dtype == z.dtype == np.float32
        assert labels.dtype == np.int32
        assert len(images) == len(z) == len(labels) <= 20
        calls.append((z, labels))
        return images

    batches = _all_batches(translate, sources)
    z, labels = (np.concatenate(parts) for parts in zip(*calls, strict=True))
    count = len(sources)
    assert labels.tolist() == [0] * count + [1] * count + [2] * count
    assert z.shape == (3 * count, 5)
    assert len(np.unique(z[:, 0])) == 3 * count
    for of_target in batches:
        rows = np.concatenate([batch.rows for batch in of_target])
        assert rows.tolist() == list(range(count))
        images = np.concatenate([batch.images for batch in of_target])
        np.testing.assert_array_equal(images, sources.images[:])


def test_a_few_sources_get_more_z_for_diversity(sources):
    options = dataclasses.replace(
        OPTIONS, num_z=2, diversity_sources=3, diversity_z=4
    )
    drawn = {}

    def translate(images, z, labels):
        drawn[len(drawn)] = z
        return images

    batches = _all_batches(translate, sources, options)[0]
    counted = [(batch.draw, len(batch.rows)) for batch in batches]
    assert counted == [
        *[(0, 20), (0, 20), (0, 8), (1, 20), (1, 20), (1, 8)],
        *[(2, 3), (3, 3)],
    ]
    assert len({z[0, 0] for z in drawn.values()}) == len(drawn)


def test_does_not_depend_on_the_batch_size(sources):
    def translate(images, z, labels):
        return np.clip(images + 0.1 * z[:, 0, None, None, None], -1, 1)

    one, two = (
        _all_batches(
            translate, sources, dataclasses.replace(OPTIONS, batch_size=size)
        )
        for size in (3, 48)
    )
    for target in range(3):
        np.testing.assert_array_equal(
            np.concatenate([batch.images for batch in one[target]]),
            np.concatenate([batch.images for batch in two[target]]),
        )


def test_z_follows_seed_target_and_draw_and_not_the_count():
    first = draw_z(3, 4, 0, 1)
    np.testing.assert_array_equal(first, draw_z(48, 4, 0, 1)[:3])
    others = [draw_z(3, 4, 0, 2), draw_z(3, 4, 1, 1), draw_z(3, 4, 0, 1, 1)]
    for other in others:
        assert (first != other).all()


def test_translations_that_are_no_numbers_are_refused(sources):
    with pytest.raises(UserError, match="NaN or infinity.*into class 0"):
        _all_batches(lambda images, z, labels: images * np.nan, sources)


def test_every_class_is_sampled_with_its_own_z():
    calls = []

    def sample(z, labels):
        calls.append((z, labels))
        return np.broadcast_to(z[:, :1, None, None], (len(z), 4, 4, 3))

    options = dataclasses.replace(OPTIONS, num_images=25, num_z=2)
    samples = ClassSamples(sample, 5, options)
    assert samples.sources is None and samples.count(1) == 25
    batches = list(samples.batches(1))
    rows = [(batch.draw, batch.rows.tolist()) for batch in batches]
    first, rest = list(range(20)), list(range(20, 25))
    assert rows == [(0, first), (0, rest), (1, first), (1, rest)]
    z, labels = (np.concatenate(parts) for parts in zip(*calls, strict=True))
    assert set(labels) == {1} and len(np.unique(z[:, 0])) == 50
    np.testing.assert_array_equal(z[:25], draw_z(25, 5, options.seed, target=1))


def test_samples_that_are_no_numbers_are_refused():
    def sample(z, labels):
        return np.full((len(z), 4, 4, 3), np.nan)

    with pytest.raises(UserError, match="class 2"):
        next(ClassSamples(sample, 5, OPTIONS).batches(2))
