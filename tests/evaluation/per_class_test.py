import dataclasses
import tracemalloc

import numpy as np
import pytest

from deepi2i_tf.evaluation.cache.row_file import RowFile
from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.evaluation.feature_extractor import Predictions
from deepi2i_tf.evaluation.per_class import (
    ClassAccumulator,
    PerClassEvaluation,
    Plan,
    RandomSamples,
    SourceFacts,
    shown_classes,
)
from deepi2i_tf.evaluation.translations import Batch, TranslatedSources
from tests.evaluation import disc_set

FACTS = SourceFacts(
    labels=np.array([1, 0, -1]),
    poses=np.array([[0.0], [1.0], [2.0]]),
    predicted=np.array([[0.5], [1.0], [2.0]]),
)


@pytest.fixture
def for_fc(tmp_path):
    return RowFile(str(tmp_path / "for_fc"), (2, 2, 3), np.uint8)


def _plan(**changes):
    values = {
        "num_z": 1,
        "diversity_sources": 2,
        "diversity_z": 2,
        "shown": 2,
        "chosen": np.array([2]),
        "num_for_fc": 2,
        "fc_side": 2,
    }
    return Plan(**values | changes)


def _add(accumulator, rows, draw, classes, poses=None):
    rows = np.array(rows)
    images = np.full((len(rows), 4, 4, 3), 10 * draw, np.uint8)
    images += rows[:, None, None, None].astype(np.uint8)
    features = np.stack([rows, np.full(len(rows), draw)], 1)
    read = None if poses is None else np.array(poses)[:, None]
    accumulator.add(
        Batch(images, rows, draw),
        Predictions(np.array(classes), features.astype(np.float32), read),
    )


def test_sums_and_pictures_by_hand(for_fc):
    accumulator = ClassAccumulator(1, 3, FACTS, _plan(), for_fc)
    _add(accumulator, [0, 1], 0, [1, 2], [0.0, 3.0])
    _add(accumulator, [2], 0, [1], [2.5])
    _add(accumulator, [0, 1], 1, [0, 0], [9.0, 9.0])  # for diversity alone
    arrays = accumulator.arrays()
    assert arrays["predicted"].tolist() == [0, 2, 1]
    # The first source is of class 1 itself.
    assert arrays["predicted_changed"].tolist() == [0, 1, 1]
    assert arrays["residual"].tolist() == [0 + 4 + 0.25]
    assert arrays["residual_to_reading"].tolist() == [0.25 + 4 + 0.25]
    assert arrays["shown"][:, 0, 0, 0].tolist() == [0, 1]
    assert arrays["chosen"][:, 0, 0, 0].tolist() == [2]
    assert arrays["chosen_features"].tolist() == [[2, 0]]
    assert accumulator.features().tolist() == [[0, 0], [1, 0], [2, 0]]
    assert accumulator.draws().tolist() == [[[0, 0], [0, 1]], [[1, 0], [1, 1]]]


def test_fc_learns_the_first_ones_shrunk(for_fc):
    accumulator = ClassAccumulator(1, 3, FACTS, _plan(), for_fc)
    _add(accumulator, [0], 0, [1], [0.0])
    _add(accumulator, [1, 2], 0, [1, 1], [0.0, 0.0])
    assert accumulator.arrays()["num_for_fc"] == len(for_fc) == 2
    assert for_fc[:][:, 0, 0, 0].tolist() == [0, 1]


def test_every_z_that_counts_counts(for_fc):
    accumulator = ClassAccumulator(
        0, 3, FACTS, _plan(num_z=2, num_for_fc=9), for_fc
    )
    for draw in range(2):
        _add(accumulator, [0, 1, 2], draw, [0, 0, 1], [0.0, 0.0, 0.0])
    arrays = accumulator.arrays()
    assert arrays["predicted"].tolist() == [4, 2, 0]
    assert len(accumulator.features()) == arrays["num_for_fc"] == 6
    assert len(arrays["shown"]) == 2


def test_unknown_sources_have_no_sums_of_their_own(for_fc):
    plan = _plan(diversity_z=0, num_for_fc=0)
    accumulator = ClassAccumulator(1, 3, SourceFacts(), plan, for_fc)
    _add(accumulator, [0, 1], 0, [1, 2])
    assert set(accumulator.arrays()) == {
        "predicted",
        "shown",
        "chosen",
        "chosen_features",
        "num_for_fc",
    }
    assert len(for_fc) == 0


class _Counts:
    def __init__(self, *counts):
        self._counts = counts

    def count(self, target):
        return self._counts[target]


def test_few_classes_are_all_shown_and_many_are_not():
    assert shown_classes(20) == set(range(20))
    assert {0, 148} <= shown_classes(149)
    assert len(shown_classes(149)) <= 44


def test_samples_are_different_translations_in_the_order_of_the_draw():
    counts = (40, 0, 25)
    samples = RandomSamples(_Counts(*counts), 3, seed=0)
    pairs = list(zip(samples.targets, samples.rows, strict=True))
    assert len(pairs) == len(set(pairs)) == 48
    assert all(row < counts[target] for target, row in pairs)
    assert len(np.unique(samples.targets)) == 2
    kept = [100 * target + samples.of(target) for target in range(3)]
    expected = 100 * samples.targets + samples.rows
    np.testing.assert_array_equal(samples.in_order(kept), expected)


def test_all_are_samples_where_there_are_few():
    samples = RandomSamples(_Counts(2, 1), 2, seed=0)
    assert samples.of(0).tolist() == [0, 1] and samples.of(1).tolist() == [0]


def test_samples_follow_the_seed():
    first, again, other = (
        RandomSamples(_Counts(500, 500), 2, seed).rows for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


OPTIONS = dataclasses.replace(
    disc_set.OPTIONS, diversity_sources=3, diversity_z=3, fc=True
)


class _Stopping:
    """Copies, with noise from z, until it is interrupted."""

    def __init__(self, at=None):
        self.calls, self._at = 0, at

    def __call__(self, images, z, labels):
        if self.calls == self._at:
            raise KeyboardInterrupt
        self.calls += 1
        return np.clip(images + 0.2 * z[:, :1, None, None], -1, 1)


class _Endless:
    """As many translations into each class as are asked for."""

    sources = None
    num_z = 1
    how_to_add = "Ask for more"
    protocol = {}

    def __init__(self, batches):
        self._batches = batches

    def count(self, target):
        return 500 * self._batches

    def batches(self, target):
        scene = disc_set.scene_image(target, 0)
        for number in range(self._batches):
            images = np.repeat(scene[None], 500, axis=0)
            yield Batch(images, np.arange(500) + 500 * number, 0)


class _Glance:
    """In the place of a feature extractor: no network, and no time."""

    def __init__(self, extractor):
        self.models, self.dimensions = extractor.models, extractor.dimensions

    def predict(self, images):
        pixels = images.reshape(len(images), -1)[:, : self.dimensions]
        classes = pixels[:, 0].astype(np.int32) % self.models.num_classes
        return Predictions(classes, pixels.astype(np.float32), None)


@pytest.fixture
def run(evaluation, sources, tmp_path):
    def evaluate(translate, folder="work", **changes):
        options = dataclasses.replace(OPTIONS, **changes)
        translations = TranslatedSources(translate, 4, sources, options)
        with WorkFolder(str(tmp_path / folder), "key") as work:
            per_class = PerClassEvaluation(
                translations,
                SourceFacts(sources.labels),
                evaluation.extractor,
                evaluation.reals,
                (),
                options,
                RandomSamples(translations, 3, 0),
                work,
            )
            return per_class.run(), per_class.for_fc()[:]

    return evaluate


def _assert_equal(results, others):
    for one, other in zip(results, others, strict=True):
        assert set(one) == set(other)
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


# Each class takes 3 batches of 16 and two of 3.
@pytest.mark.parametrize("at", [0, 4, 5, 12])
def test_goes_on_with_the_class_it_was_in(run, at):
    expected, for_fc = run(_Stopping(), "undisturbed")
    with pytest.raises(KeyboardInterrupt):
        run(_Stopping(at))
    translate = _Stopping()
    results, again = run(translate)
    assert translate.calls == 15 - at + at % 5
    _assert_equal(results, expected)
    np.testing.assert_array_equal(again, for_fc)


def test_classes_whose_translations_for_fc_were_lost_are_read_again(
    run, tmp_path
):
    expected, for_fc = run(_Stopping())
    (tmp_path / "work" / "fc.uint8").write_bytes(b"")
    translate = _Stopping()
    results, again = run(translate)
    assert translate.calls == 15
    _assert_equal(results, expected)
    np.testing.assert_array_equal(again, for_fc)


def test_fc_learns_a_share_of_each_class(run):
    recipe = dataclasses.replace(disc_set.RECIPE, max_images=30)
    results, for_fc = run(_Stopping(), reference=recipe)
    assert [result["num_for_fc"] for result in results] == [10, 10, 10]
    assert for_fc.shape == (30, 16, 16, 3)


def test_distances_and_diversity_stand_beside_the_sums(run):
    results, _ = run(_Stopping())
    for result in results:
        assert result["fid"] > 0 and result["diversity"] > 0
        assert result["predicted"].sum() == 48
        assert result["shown"].shape == (4, 32, 32, 3)
    results, for_fc = run(_Stopping(), "plain", diversity_sources=0, fc=False)
    assert "diversity" not in results[0] and len(for_fc) == 0


def test_memory_does_not_grow_with_the_number_of_images(evaluation, tmp_path):
    def peak(batches):
        translations = _Endless(batches)
        with WorkFolder(str(tmp_path), str(batches)) as work:
            per_class = PerClassEvaluation(
                translations,
                SourceFacts(),
                _Glance(evaluation.extractor),
                evaluation.reals,
                (),
                OPTIONS,
                RandomSamples(translations, 3, 0),
                work,
            )
            tracemalloc.start()
            per_class.run()
            largest = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return largest

    # 9,000 more images are 27 MB; the kernel's blocks are full in both.
    growth = peak(8) - peak(2)
    assert growth < 3_000_000
