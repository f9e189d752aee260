import dataclasses

import keras
import numpy as np
import pytest

from deepi2i_tf.evaluation.reference import training
from deepi2i_tf.evaluation.reference.networks import build_classifier
from tests.evaluation.disc_set import RECIPE

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3), np.uint8)
LABELS = np.arange(40, dtype=np.int32) % 2
SHORT = dataclasses.replace(
    RECIPE, widths=(4,), batch_size=8, validate_every=1, patience=2
)


def _task(score, steps=6, good=2.0):
    return training.Task(
        name="test",
        steps=steps,
        good=good,
        move=True,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        score=score,
    )


def _fit(task, seed=0):
    network = build_classifier(16, 2, SHORT, seed)
    said = []
    best = training.fit(network, task, IMAGES, LABELS, SHORT, seed, said.append)
    return network.get_weights(), best, said


def test_the_same_seed_gives_the_same_weights():
    first, _, _ = _fit(_task(lambda *_: 0.0, steps=2))
    again, _, _ = _fit(_task(lambda *_: 0.0, steps=2))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)


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

    def score(outputs, targets):
        assert len(outputs) == len(targets) == 4  # a tenth is held out
        return next(given)

    looked = training._Best.look

    def look(self, value):
        looked(self, value)
        kept.append(self._network.get_weights())

    monkeypatch.setattr(training._Best, "look", look)
    monkeypatch.setattr(
        keras.Model, "train_on_batch", lambda self, *_: _nudge(self)
    )
    weights, best, said = _fit(_task(score, good=good))
    assert best == max(scores[:looks])
    assert len(said) == len(kept) == looks
    expected = kept[scores.index(best)]
    np.testing.assert_array_equal(weights[0], expected[0])


def _nudge(network):
    network.set_weights([w + 1 for w in network.get_weights()])


def test_predict_takes_any_number_of_images(monkeypatch):
    network = build_classifier(16, 2, SHORT, 0)
    whole = training.predict(network, IMAGES)
    monkeypatch.setattr(training, "PREDICTION_BATCH", 7)
    parts = training.predict(network, IMAGES)
    assert whole.shape == (40, 2)
    # Other batch sizes may sum in another order.
    np.testing.assert_allclose(parts, whole, atol=1e-5)


def test_learning_rate_warms_up_and_falls():
    rates = [training._learning_rate(s, 200, RECIPE) for s in (1, 50)]
    last = training._learning_rate(200, 200, RECIPE)
    assert rates[0] < rates[1] <= RECIPE.learning_rate
    assert last < 0.01 * RECIPE.learning_rate
