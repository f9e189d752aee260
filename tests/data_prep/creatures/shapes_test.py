import math

import numpy as np
import pytest

from data_prep.creatures import shapes

U, V = np.meshgrid(np.linspace(-2, 2, 41), np.linspace(-2, 2, 41))


@pytest.mark.parametrize("angle", [-2.0, -0.6, 0.0, 1e-3, 0.7, 2.0])
def test_series_are_sine_and_cosine(angle):
    assert shapes.sine(angle) == pytest.approx(math.sin(angle), abs=1e-15)
    assert shapes.cosine(angle) == pytest.approx(math.cos(angle), abs=1e-15)


def test_circle_is_exact():
    distance = shapes.circle(np.array([3.0]), np.array([5.0]), (0.0, 1.0), 2.0)
    assert distance[0] == 3.0


def test_ellipse_of_equal_radii_is_a_circle():
    # No pixel of the grid lies on this centre, where the slope is unknown.
    ellipse = shapes.ellipse(U, V, (0.33, 0.11), (0.8, 0.8), 0.4)
    np.testing.assert_allclose(
        ellipse, shapes.circle(U, V, (0.33, 0.11), 0.8), atol=1e-9
    )


def test_the_centre_of_an_ellipse_is_inside():
    zero = np.zeros(1)
    assert shapes.ellipse(zero, zero, (0.0, 0.0), (0.5, 0.3))[0] < -0.2


def test_tilt_turns_clockwise():
    # Long along u; tilted by 0.5, its tip lies to the right and below.
    tip = np.array([math.cos(0.5)]), np.array([math.sin(0.5)])
    distance = shapes.ellipse(*tip, (0.0, 0.0), (1.0, 0.2), 0.5)
    assert distance[0] == pytest.approx(0.0, abs=1e-12)


def test_polygon_is_negative_inside_and_exact_at_sides():
    square = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    distance = shapes.polygon(
        np.array([0.0, 1.5]), np.array([0.0, 0.0]), square, 0.25
    )
    np.testing.assert_allclose(distance, [-1.25, 0.25])


def test_capsule_at_its_side_and_beyond_its_end():
    distance = shapes.capsule(
        np.array([1.0, 4.0]), np.array([2.0, 0.0]), (0, 0), (2, 0), 0.5
    )
    np.testing.assert_allclose(distance, [1.5, 1.5])


def test_stripes_repeat():
    distance = shapes.stripes(np.array([0.0, 0.5, 1.0, 7.1]), 1.0, 0.4)
    np.testing.assert_allclose(distance, [-0.2, 0.3, -0.2, -0.1], atol=1e-12)
