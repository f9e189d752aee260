import numpy as np

from deepi2i_tf.metrics.pose import (
    POSE_COMPONENTS,
    by_component,
    r_squared,
    slope,
)

# SS_tot around the mean 2 is 8.
TRUE = np.array([[0.0], [2.0], [4.0]], np.float32)


def test_truth_itself_is_one():
    np.testing.assert_array_equal(r_squared(TRUE, TRUE), [1.0])


def test_the_mean_of_the_truth_is_zero():
    np.testing.assert_array_equal(r_squared(np.full((3, 1), 2.0), TRUE), [0.0])


def test_by_hand_and_not_clipped():
    near = TRUE + [[1.0], [0.0], [-1.0]]  # SS_res 2
    np.testing.assert_array_equal(r_squared(near, TRUE), [0.75])
    # A perfect correlation, but the wrong sign: SS_res 32.
    np.testing.assert_array_equal(r_squared(4.0 - TRUE, TRUE), [-3.0])


def test_a_third_of_the_pose_has_a_slope_of_a_third():
    read = 5.0 + TRUE / 3 + [[0.1], [-0.2], [0.1]]
    products = ((TRUE - TRUE.mean(axis=0)) * read).sum(axis=0)
    np.testing.assert_allclose(slope(products, TRUE), [1 / 3], rtol=1e-6)
    assert np.isnan(slope(np.zeros(1), np.ones((3, 1))))


def test_components_are_apart():
    true = np.hstack([TRUE, TRUE * 10])
    read = np.hstack([TRUE, np.full((3, 1), 20.0)])
    np.testing.assert_array_equal(r_squared(read, true), [1.0, 0.0])


def test_undefined_components_are_absent():
    true = np.array([[0, 0, 1, 0, 0], [1, 1, 1, 1, 1]], np.float32)
    named = by_component(r_squared(true, true))
    assert named == {"x": 1.0, "y": 1.0, "roll": 1.0, "yaw": 1.0}
    assert POSE_COMPONENTS == ("x", "y", "scale", "roll", "yaw")
