import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.losses import geometry
from deepi2i_tf.losses.geometry import Similarity

SIZE = 9
MIDDLE = (SIZE - 1) / 2


def similarity(**values):
    rest = {"turn": 0, "log_scale": 0, "shift_x": 0, "shift_y": 0, "mirror": 1}
    return Similarity(
        **{
            name: tf.constant([value], tf.float32)
            for name, value in (rest | values).items()
        }
    )


ANY = similarity(turn=0.3, log_scale=0.1, shift_x=2, shift_y=-1, mirror=-1)


def sent(transform, x, y):
    """Where the docstring's formula sends a point."""
    turn, log_scale, shift_x, shift_y, mirror = (
        float(getattr(transform, name)[0])
        for name in ("turn", "log_scale", "shift_x", "shift_y", "mirror")
    )
    x, y = mirror * (x - MIDDLE), y - MIDDLE
    scale = np.exp(log_scale)
    turned_x = scale * (np.cos(turn) * x - np.sin(turn) * y)
    turned_y = scale * (np.sin(turn) * x + np.cos(turn) * y)
    return turned_x + MIDDLE + shift_x, turned_y + MIDDLE + shift_y


def slow_warp(image, matrix):
    """Bilinear, nearest at the border; pixel by pixel."""
    result = np.zeros_like(image)
    for row in range(SIZE):
        for column in range(SIZE):
            a, b, c, d, e, f = matrix[:6]
            x = np.clip(a * column + b * row + c, 0, SIZE - 1)
            y = np.clip(d * column + e * row + f, 0, SIZE - 1)
            left, top = int(min(x, SIZE - 2)), int(min(y, SIZE - 2))
            u, v = x - left, y - top
            part = image[top : top + 2, left : left + 2]
            result[row, column] = (
                (1 - v) * (1 - u) * part[0, 0]
                + (1 - v) * u * part[0, 1]
                + v * (1 - u) * part[1, 0]
                + v * u * part[1, 1]
            )
    return result


def uniform(*shape, seed=0):
    draw = np.random.default_rng(seed).uniform(-1.0, 1.0, shape)
    return draw.astype(np.float32)


@pytest.mark.parametrize(
    "values, seen",
    [
        ({"shift_x": 1}, (7, 2)),
        ({"shift_y": 1}, (6, 3)),
        ({"turn": np.pi / 2}, (6, 6)),  # From above the middle to its right.
        ({"mirror": -1}, (2, 2)),
        ({"log_scale": np.log(2)}, (8, 0)),
    ],
)
def test_a_point_goes_where_it_is_sent(values, seen):
    image = np.zeros((1, SIZE, SIZE, 1), np.float32)
    image[0, 2, 6] = 1.0
    transform = similarity(**values)
    np.testing.assert_allclose(sent(transform, 6, 2), seen, atol=1e-5)
    result = geometry.warp(image, transform.inverse_matrix(SIZE), "constant")
    np.testing.assert_allclose(result[0, seen[1], seen[0], 0], 1.0, atol=1e-5)


def test_matrices_are_the_formula_and_each_others_inverse():
    forward = ANY.matrix(SIZE)[0].numpy()
    back = ANY.inverse_matrix(SIZE)[0].numpy()
    x, y = sent(ANY, 3.0, 7.0)
    point = np.array([3.0, 7.0, 1.0])
    np.testing.assert_allclose(forward[:3] @ point, x, rtol=1e-5)
    np.testing.assert_allclose(forward[3:6] @ point, y, rtol=1e-5)
    point = np.array([x, y, 1.0])
    np.testing.assert_allclose(back[:3] @ point, 3.0, rtol=1e-5)
    np.testing.assert_allclose(back[3:6] @ point, 7.0, rtol=1e-5)


def test_warps_as_the_slow_twin_does():
    image = uniform(SIZE, SIZE, 3)
    matrix = ANY.inverse_matrix(SIZE)
    np.testing.assert_allclose(
        geometry.warp(image[None], matrix)[0],
        slow_warp(image, matrix[0].numpy()),
        atol=1e-5,
    )


def test_the_gradient_of_a_warp_is_no_adjoint_and_so_is_never_taken():
    """If this fails TensorFlow has mended it, and targets may be trained."""
    image, weight = uniform(1, SIZE, SIZE, 1), uniform(1, SIZE, SIZE, 1, seed=1)
    matrix = ANY.inverse_matrix(SIZE)

    def total(pixels):
        warped = tf.raw_ops.ImageProjectiveTransformV3(
            images=pixels,
            transforms=matrix,
            output_shape=(SIZE, SIZE),
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="NEAREST",
        )
        return tf.reduce_sum(warped * weight)

    pixels = tf.constant(image)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        value = total(pixels)
    gradient = tape.gradient(value, pixels)
    # Linear: with an adjoint, its product with the image is the value.
    product = float(tf.reduce_sum(gradient * image))
    assert abs(product - float(value)) > 0.05 * abs(float(value))
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        value = tf.reduce_sum(geometry.warp(pixels, matrix))
    assert tape.gradient(value, pixels) is None


def test_covered_is_where_the_source_is_seen():
    shown = geometry.covered(similarity(shift_x=2).inverse_matrix(SIZE), SIZE)
    expected = np.ones((SIZE, SIZE))
    expected[:, :2] = 0.0
    np.testing.assert_array_equal(shown[0, ..., 0], expected)


def slow_pyramid(a, b, weight):
    total = 0.0
    for scale in (1, 2, 4):
        above = below = 0.0
        for row in range(0, SIZE - SIZE % scale, scale):
            for column in range(0, SIZE - SIZE % scale, scale):
                cell = np.s_[row : row + scale, column : column + scale]
                mean_a = (weight[cell] * a[cell]).mean((0, 1))
                mean_b = (weight[cell] * b[cell]).mean((0, 1))
                above += np.abs(mean_a - mean_b).sum()
                below += weight[cell].mean()
        total += above / (3 * below)
    return total


def test_pyramid_distance_is_the_slow_twins():
    a, b = uniform(2, SIZE, SIZE, 3), uniform(2, SIZE, SIZE, 3, seed=1)
    weight = np.abs(uniform(2, SIZE, SIZE, 1, seed=2))
    got = geometry.pyramid_distance(a, b, weight)
    expected = [slow_pyramid(*each) for each in zip(a, b, weight, strict=True)]
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    plain = geometry.pyramid_distance(a, b)
    ones = np.ones_like(weight)
    expected = [slow_pyramid(*each) for each in zip(a, b, ones, strict=True)]
    np.testing.assert_allclose(plain, expected, rtol=1e-5)


def test_nothing_is_far_where_nothing_is_compared():
    a, b = uniform(1, SIZE, SIZE, 3), uniform(1, SIZE, SIZE, 3, seed=1)
    got = geometry.pyramid_distance(a, b, np.zeros_like(a[..., :1]))
    np.testing.assert_array_equal(got, [0.0])


def test_the_true_warp_is_the_nearest():
    ramp = np.linspace(-1.0, 1.0, 32, dtype=np.float32)
    image = np.stack(np.broadcast_arrays(*np.ix_(ramp, ramp, [0.5])), -1)
    image = np.ascontiguousarray(image[None, :, :, 0], np.float32)
    true, wrong = similarity(turn=0.3), similarity(turn=-0.2, log_scale=0.1)
    matrices = [each.inverse_matrix(32) for each in (true, wrong)]
    posed = geometry.warp(image, matrices[0])
    got = geometry.warped_distances(posed, image, tf.stack(matrices, axis=1))
    np.testing.assert_allclose(got[0, 0], 0.0, atol=1e-6)
    assert got[0, 1] > 0.05


def test_contrast_by_hand():
    distances = np.array([[0.1, 0.3, 0.5], [0.4, 0.4, 0.4]], np.float32)
    got = geometry.contrast(distances, 0.1)
    wrong = np.exp(-3.0) + np.exp(-5.0)
    expected = [np.log((np.exp(-1.0) + wrong) / np.exp(-1.0)), np.log(3.0)]
    np.testing.assert_allclose(got, expected, rtol=1e-5)
