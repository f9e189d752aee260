import numpy as np
import pytest

from deepi2i_tf.metrics.truth import (
    euclidean_distance,
    kept_and_gained,
    pixel_distance,
)


def test_distances_by_hand():
    black, white = np.zeros((2, 4, 4, 3), np.uint8), np.zeros((2, 4, 4, 3))
    white = white.astype(np.uint8)
    white[1, :2] = 255
    assert pixel_distance(black, white).tolist() == [0.0, 0.5]
    # Unsigned bytes do not run over.
    assert pixel_distance(white, black).tolist() == [0.0, 0.5]
    features = np.array([[0, 0], [3, 4]], np.float32)
    assert euclidean_distance(features, features[:1]).tolist() == [0.0, 5.0]


@pytest.mark.parametrize(
    ("distances", "kept", "gained"),
    [
        ((0.0, 3.0, 2.0), 1.0, 1.0),
        ((2.0, 4.0, 2.0), 0.5, 0.0),
        ((6.0, 4.0, 3.0), -0.5, -1.0),
    ],
)
def test_kept_and_gained_by_hand(distances, kept, gained):
    assert kept_and_gained(*distances) == {"kept": kept, "gained": gained}


def test_without_a_reference_there_is_no_number():
    assert kept_and_gained(1.0, 0.0, 2.0) == {"gained": 0.5}
    assert kept_and_gained(0.0, 0.0, 0.0) == {}
