import dataclasses

import keras
import numpy as np
import pytest

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.reference import training
from deepi2i_tf.evaluation.reference.networks import build_classifier
from deepi2i_tf.utils.image_geometry import to_signed, to_uint8
from tests.evaluation.disc_set import RECIPE

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3), np.uint8)
LABELS = np.arange(40, dtype=np.int32) % 2
SHORT = dataclasses.replace(
    RECIPE, widths=(4,), batch_size=8, validate_every=1, patience=2
)


def _task(steps=6, good=2.0):
    task = training.classification(2, SHORT, "test")
    return dataclasses.replace(task, steps=steps, good=good)


def _fit(task, config=SHORT):
    network = build_classifier(16, 2, config)
    training.fit(network, task, IMAGES, LABELS, config)
    return network.get_weights()


def test_the_same_seed_gives_the_same_weights():
    first, again = _fit(_task()), _fit(_task())
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    other = _fit(_task(), dataclasses.replace(SHORT, seed=1))
    assert (first[0] != other[0]).any()


@pytest.mark.parametrize(
    "scores, good, looks",
    [
        ([1, 2, 3, 4, 5, 6], 9.0, 6),  # rises to the end
        ([1, 3, 2, 2, 9, 9], 9.0, 4),  # patience of two is spent
        ([1, 5, 9, 9, 9, 9], 5.0, 2),  # good enough
    ],
)
def test_stops_early_and_ends_with_the_best(monkeypatch, scores, good, looks):
    kept, given = [], iter(scores)

    def evaluate(self, x, **kwargs):
        assert len(x[0][1]) == 4  # a tenth is held out
        kept.append(self.get_weights())
        return {"score": next(given)}

    monkeypatch.setattr(keras.Model, "evaluate", evaluate)
    weights = _fit(_task(good=good))
    assert len(kept) == looks
    expected = kept[scores.index(max(scores[:looks]))]
    np.testing.assert_array_equal(weights[0], expected[0])


def test_steps_are_bounded(monkeypatch):
    seen = []
    batches = training.TrainingBatches.__getitem__

    def counted(self, step):
        seen.append(step)
        return batches(self, step)

    monkeypatch.setattr(training.TrainingBatches, "__getitem__", counted)
    network = build_classifier(16, 2, SHORT)
    config = dataclasses.replace(SHORT, validate_every=4)
    training.fit(network, _task(steps=11), IMAGES, LABELS, config)
    assert int(network.optimizer.iterations) == 8  # whole looks of 4


def test_a_turn_sees_every_image_once_and_the_next_in_another_order():
    targets = np.arange(32)
    batches = training.TrainingBatches(IMAGES, targets, True, SHORT)
    turns = [
        np.concatenate([batches[step][1] for step in range(first, first + 4)])
        for first in (0, 4)
    ]
    assert sorted(turns[0]) == sorted(turns[1]) == targets.tolist()
    assert (turns[0] != turns[1]).any()
    # Batches follow from seed and step alone.
    images, again = batches[5][0], batches[5][0]
    np.testing.assert_array_equal(images, again)


def test_learning_rate_warms_up_and_falls():
    rates = training._learning_rate(200, RECIPE)
    first, peak, last = (float(rates(step)) for step in (1, 50, 199))
    assert first < peak == pytest.approx(RECIPE.learning_rate)
    assert last < 0.01 * RECIPE.learning_rate


STILL = ReferenceTrainingConfig(max_gain=0.0, max_tint=0.0)
PIXELS = np.arange(2 * 8 * 8 * 3, dtype=np.uint8).reshape(2, 8, 8, 3)


def _augment(config=STILL, move=True, seed=0):
    generator = np.random.default_rng(seed)
    return training.augment(PIXELS, config, generator, move)


def test_augment_follows_the_seed():
    np.testing.assert_array_equal(_augment(seed=1), _augment(seed=1))
    assert (_augment(seed=1) != _augment(seed=2)).any()


def test_augment_moves_by_whole_pixels_and_mirrors():
    config = dataclasses.replace(STILL, max_shift=0.0)
    padded = np.pad(PIXELS, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    allowed = [
        view[:, ::step]
        for view in (
            padded[0, dy : dy + 8, dx : dx + 8]
            for dy in range(3)
            for dx in range(3)
        )
        for step in (1, -1)
    ]
    seen = set()
    for seed in range(60):
        moved = to_uint8(_augment(config, seed=seed)[0])
        matches = [i for i, a in enumerate(allowed) if (a == moved).all()]
        assert matches
        seen.add(matches[0])
    assert len(seen) > 12


def test_augment_without_moving_changes_colours_only():
    np.testing.assert_array_equal(_augment(move=False), to_signed(PIXELS))
    config = ReferenceTrainingConfig(max_gain=0.1, max_tint=0.1)
    change = np.abs(_augment(config, move=False) - to_signed(PIXELS))
    assert 0.0 < change.max() <= 0.2
