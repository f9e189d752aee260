import math

import numpy as np
import pytest

from deepi2i_tf.metrics.diversity import diversity, mean_pairwise_distance
from deepi2i_tf.utils.errors import UserError

# Sides 3, 4 and 5.
TRIANGLE = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]], np.float32)


def test_mean_of_the_pairs_by_hand():
    assert mean_pairwise_distance(TRIANGLE) == (3 + 4 + 5) / 3
    assert mean_pairwise_distance(TRIANGLE[[2, 0, 1]]) == (3 + 4 + 5) / 3


def test_equal_images_are_at_zero_exactly():
    features = np.full((3, 2048), 0.1, np.float32) * 1e4
    assert mean_pairwise_distance(features) == 0.0


def test_sources_are_compared_with_themselves_only():
    # The second source lies far off; inside it the sides are 6, 8 and 10.
    translations = np.stack([TRIANGLE, 2 * TRIANGLE + 1000])
    result = diversity(translations, TRIANGLE)
    assert result.translations == (4 + 8) / 2
    assert result.reals == 4.0
    assert result.share == 1.5


def test_a_translator_that_ignores_z_has_none():
    translations = np.repeat(TRIANGLE[:, None], 5, axis=1)
    result = diversity(translations, TRIANGLE)
    assert result.translations == result.share == 0.0


def test_equal_reals_leave_the_share_undefined():
    assert math.isnan(diversity(TRIANGLE[None], np.ones((2, 2))).share)


@pytest.mark.parametrize(
    ("translations", "reals", "message"),
    [
        (np.ones((3, 1, 2)), np.ones((2, 2)), "at least 2 images"),
        (np.ones((3, 2, 2)), np.ones((1, 2)), "at least 2 images"),
        (np.ones((0, 2, 2)), np.ones((2, 2)), "at least one source"),
        (np.ones((3, 2, 4)), np.ones((2, 2)), r"shape \(images, 2\)"),
    ],
)
def test_too_little_is_refused(translations, reals, message):
    with pytest.raises(UserError, match=message):
        diversity(translations, reals)
