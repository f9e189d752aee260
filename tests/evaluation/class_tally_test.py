import numpy as np
import pytest

from deepi2i_tf.evaluation.cache.row_file import RowFile
from deepi2i_tf.evaluation.class_tally import (
    ClassAccumulator,
    Plan,
    SourceFacts,
)
from deepi2i_tf.evaluation.feature_extractor import Predictions
from deepi2i_tf.evaluation.translations import Batch

FACTS = SourceFacts(
    labels=np.array([1, 0, -1]),
    poses=np.array([[0.0], [1.0], [2.0]]),
    reading=np.array([[0.5], [1.0], [2.0]]),
)


@pytest.fixture
def fakes(tmp_path):
    return RowFile(str(tmp_path / "fakes"), (2, 2, 3), np.uint8)


def _plan(**changes):
    values = {
        "num_z": 1,
        "diversity_sources": 2,
        "diversity_z": 2,
        "shown": 2,
        "chosen": np.array([2]),
        "num_fakes": 2,
        "fakes_side": 2,
    }
    return Plan(**values | changes)


def _add(tally, rows, place, seen, poses=None):
    rows = np.array(rows)
    images = np.full((len(rows), 4, 4, 3), 10 * place, np.uint8)
    images += rows[:, None, None, None].astype(np.uint8)
    features = np.stack([rows, np.full(len(rows), place)], 1)
    read = None if poses is None else np.array(poses)[:, None]
    tally.add(
        Batch(images, rows, place),
        Predictions(np.array(seen), features.astype(np.float32), read),
    )


def test_sums_and_pictures_by_hand(fakes):
    tally = ClassAccumulator(1, 3, FACTS, _plan(), fakes)
    _add(tally, [0, 1], 0, [1, 2], [0.0, 3.0])
    _add(tally, [2], 0, [1], [2.5])
    _add(tally, [0, 1], 1, [0, 0], [9.0, 9.0])  # for diversity alone
    arrays = tally.arrays()
    assert arrays["seen"].tolist() == [0, 2, 1]
    # The first source is of class 1 itself.
    assert arrays["seen_changed"].tolist() == [0, 1, 1]
    assert arrays["residual"].tolist() == [0 + 4 + 0.25]
    assert arrays["residual_to_reading"].tolist() == [0.25 + 4 + 0.25]
    assert arrays["shown"][:, 0, 0, 0].tolist() == [0, 1]
    assert arrays["chosen"][:, 0, 0, 0].tolist() == [2]
    assert arrays["chosen_features"].tolist() == [[2, 0]]
    assert tally.features().tolist() == [[0, 0], [1, 0], [2, 0]]
    assert tally.draws().tolist() == [[[0, 0], [0, 1]], [[1, 0], [1, 1]]]


def test_fc_learns_the_first_ones_shrunk(fakes):
    tally = ClassAccumulator(1, 3, FACTS, _plan(), fakes)
    _add(tally, [0], 0, [1], [0.0])
    _add(tally, [1, 2], 0, [1, 1], [0.0, 0.0])
    assert tally.arrays()["num_fakes"] == len(fakes) == 2
    assert fakes[:][:, 0, 0, 0].tolist() == [0, 1]


def test_every_z_that_counts_counts(fakes):
    tally = ClassAccumulator(0, 3, FACTS, _plan(num_z=2, num_fakes=9), fakes)
    for place in range(2):
        _add(tally, [0, 1, 2], place, [0, 0, 1], [0.0, 0.0, 0.0])
    arrays = tally.arrays()
    assert arrays["seen"].tolist() == [4, 2, 0]
    assert len(tally.features()) == arrays["num_fakes"] == 6
    assert len(arrays["shown"]) == 2


def test_unknown_sources_have_no_sums_of_their_own(fakes):
    plan = _plan(diversity_z=0, num_fakes=0)
    tally = ClassAccumulator(1, 3, SourceFacts(), plan, fakes)
    _add(tally, [0, 1], 0, [1, 2])
    assert set(tally.arrays()) == {
        "seen",
        "shown",
        "chosen",
        "chosen_features",
        "num_fakes",
    }
    assert len(fakes) == 0
