import itertools
import math

import numpy as np
import pytest

from deepi2i_tf.metrics import collapse_signals as signals
from deepi2i_tf.metrics.collapse_signals import (
    class_rows,
    effective_rank,
    join,
    mean_pairwise,
    overfit,
    picture_signals,
    summarize,
    variety,
)

SHAPE = SOURCES, CLASSES, NUM_Z = 3, 2, 2


def even(*levels, side=16):
    """Images of one level each."""
    return np.ones((len(levels), side, side, 3)) * np.reshape(
        levels, (-1, 1, 1, 1)
    )


def noise(*shape, seed=0, side=16):
    random = np.random.default_rng(seed)
    return random.uniform(-1.0, 1.0, (*shape, side, side, 3))


def signals_of(translations, sources, reals, labels):
    flat = translations.reshape(-1, *translations.shape[3:])
    return picture_signals(
        summarize(flat),
        translations.shape[:3],
        None if sources is None else summarize(sources),
        summarize(reals),
        np.array(labels),
    )


def test_pools_windows_of_eight_pixels():
    image = np.arange(16 * 16 * 3).reshape(1, 16, 16, 3) / 768.0
    pooled = summarize(image).pooled
    assert pooled.shape == (1, 2, 2, 3)
    np.testing.assert_allclose(pooled[0, 1, 0], image[0, 8:, :8].mean((0, 1)))


def test_contrast_and_edges_of_one_bright_pixel():
    image = np.zeros((1, 16, 16, 3))
    image[0, 5, 5] = 1.0
    summary = summarize(image)
    assert summary.mean == pytest.approx(1.0 / 256.0)
    assert summary.square == pytest.approx(1.0 / 256.0)
    # Of 14 x 14 inner pixels, -4 at the point itself and 1 at its neighbours.
    assert summary.edges == pytest.approx(8.0 / 196.0)
    assert summarize(even(0.3)).edges == 0.0


def test_parts_join_to_the_whole():
    images = noise(5)
    joined = join([summarize(images[:2]), summarize(images[2:])])
    for one, other in zip(joined, summarize(images), strict=True):
        np.testing.assert_array_equal(one, other)


def test_mean_pairwise_is_that_of_all_pairs():
    pooled = np.random.default_rng(0).normal(size=(4, 2, 2, 3))
    slow = np.mean(
        [np.abs(a - b).mean() for a, b in itertools.permutations(pooled, 2)]
    )
    assert mean_pairwise(pooled) == pytest.approx(slow)
    assert mean_pairwise(np.array([0.0, 1.0, 4.0])) == pytest.approx(8.0 / 3.0)
    assert math.isnan(mean_pairwise(pooled[:1]))


def test_copies_of_the_sources_vary_as_they_do():
    sources = noise(SOURCES)
    copies = np.broadcast_to(
        sources[:, None, None], (*SHAPE, *sources.shape[1:])
    )
    reals = np.concatenate([sources, sources])
    made = signals_of(copies, sources, reals, [0, 0, 0, 1, 1, 1])
    for name in ("sources", "smallest_class", "contrast", "edges"):
        assert made[name] == pytest.approx(1.0)
    assert made["z"] == 0.0
    # Both classes have one mean image: there is no distance to compare with.
    assert "classes" not in made
    assert made["rank"] == pytest.approx(
        effective_rank(summarize(sources).pooled)
    )


def test_the_class_that_forgot_its_sources_is_the_smallest():
    sources = even(-0.6, 0.0, 0.6)
    made = np.broadcast_to(
        sources[:, None, None], (*SHAPE, *sources.shape[1:])
    ).copy()
    made[:, 1] = 0.25
    flat = summarize(made.reshape(-1, 16, 16, 3)).pooled
    found = variety(
        flat.reshape(*SHAPE, *flat.shape[1:]), summarize(sources).pooled
    )
    np.testing.assert_allclose(found, [1.0, 0.0])
    read = signals_of(made, sources, even(-0.5, 0.5), [0, 1])
    assert read["sources"] == pytest.approx(0.5)
    assert (read["smallest_class"], read["smallest_index"]) == (0.0, 1)
    # |s - .25| of -.6, 0 and .6, over the classes' distance of 1.
    assert read["classes"] == pytest.approx((0.85 + 0.25 + 0.35) / 3.0)


def test_without_sources_z_is_compared_with_reals():
    made = even(-0.4, 0.4, -0.4, 0.4).reshape(1, 2, 2, 16, 16, 3)
    read = signals_of(made, None, even(-0.2, 0.2), [0, 0])
    assert read["z"] == pytest.approx(2.0)
    assert "sources" not in read and "classes" not in read
    assert read["contrast"] == pytest.approx(2.0)
    assert "edges" not in read  # Reals without an edge.


def test_one_source_and_one_real_image_give_what_they_can():
    read = signals_of(noise(1, 2, 2), noise(1, seed=1), noise(1, seed=2), [0])
    assert set(read) == {signals.CONTRAST, signals.EDGES, signals.RANK}


def test_rank_counts_directions():
    line = np.outer([-1.0, 0.0, 1.0], [2.0, 5.0])
    assert effective_rank(line) == pytest.approx(1.0)
    corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1.0]])
    assert effective_rank(corners) == pytest.approx(2.0)
    # More dimensions than rows, and the other way round.
    wide = np.random.default_rng(0).normal(size=(5, 40))
    values = np.linalg.eigvalsh(np.cov(wide.T))
    shares = values[values > 1e-9] / values.sum()
    expected = np.exp(-np.sum(shares * np.log(shares)))
    assert effective_rank(wide) == pytest.approx(expected)
    assert math.isnan(effective_rank(np.ones((3, 2))))


def test_class_rows_are_folded_to_squares():
    # 2 x 2 of ones has 2 for a largest singular value, [[3, 0], [0, 4]] has 4;
    # three numbers in a row, sqrt(14).
    one = np.array([[1, 1, 1, 1], [3, 0, 0, 4], [0, 0, 0, 1.0]])
    assert class_rows([one]) == pytest.approx(4.0 / 2.0)
    other = np.array([[1, 2, 3], [0, 0, 0], [0, 0, 0.0]])
    mean = [(2.0 + np.sqrt(14.0)) / 2.0, 2.0, 0.5]
    assert class_rows([one, other]) == pytest.approx(mean[0] / mean[1])
    assert math.isnan(class_rows([0.0 * one]))


def test_overfit_is_one_where_held_out_images_pass_for_fakes():
    assert overfit(train=1.0, held=1.0, fake=-1.0) == 0.0
    assert overfit(train=1.0, held=-1.0, fake=-1.0) == 1.0
    assert overfit(train=1.0, held=0.0, fake=-1.0) == 0.5
    assert math.isnan(overfit(1.0, 0.0, 1.0))
    assert math.isnan(overfit(train=0.0, held=-1.0, fake=1.0))
