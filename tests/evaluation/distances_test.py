import numpy as np
import pytest

from deepi2i_tf.evaluation import distances

LINE = np.arange(8, dtype=np.float32)[:, None]


def test_a_shifted_line_is_as_far_as_the_shift_squared():
    found = distances.class_distances(LINE + 3, LINE)
    assert found["fid"] == pytest.approx(9.0)
    assert found["kid"] > 0


def test_distances_do_not_depend_on_how_rows_are_cut(monkeypatch):
    features = np.random.default_rng(0).normal(size=(50, 4))
    whole = distances.class_distances(features, LINE @ np.ones((1, 4)))
    monkeypatch.setattr(distances, "_ROWS_AT_ONCE", 7)
    cut = distances.class_distances(features, LINE @ np.ones((1, 4)))
    assert cut["fid"] == pytest.approx(whole["fid"], rel=1e-9)


def test_diversity_takes_a_bounded_number_of_reals():
    draws = np.array([[[0.0], [1.0]], [[0.0], [3.0]]])
    reals = np.zeros((distances.DIVERSITY_REALS + 50, 1))
    reals[distances.DIVERSITY_REALS :] = 1000.0
    reals[0] = 1.0
    found = distances.class_diversity(draws, reals)
    assert found["diversity"] == pytest.approx(2.0)
    assert found["diversity_real"] == pytest.approx(0.02)  # 99 of 4950 pairs


def test_both_sides_need_two_images():
    found = distances.without_distances([2, 1, 9, 9, 0], [2, 9, 1, 9, 0])
    assert found == [1, 2, 4]
