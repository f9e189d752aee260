import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.layers import image_augment
from deepi2i_tf.layers.image_augment import NUM_DRAWS, augment

SIZE = 16


def uniform(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, np.float32)


IMAGES = 2 * uniform(6, SIZE, SIZE, 3) - 1
DRAWS = uniform(6, NUM_DRAWS, seed=1)


def slow_color(image, draws):
    image = image + draws[0] - 0.5
    grey = image.mean(axis=-1, keepdims=True)
    image = grey + (image - grey) * 2 * draws[1]
    return image.mean() + (image - image.mean()) * (0.5 + draws[2])


def slow_translation(image, draws):
    most = 2
    down, right = (int(d * (2 * most + 1)) - most for d in draws[3:5])
    result = np.zeros_like(image)
    for row in range(SIZE):
        for column in range(SIZE):
            y, x = row - down, column - right
            if 0 <= y < SIZE and 0 <= x < SIZE:
                result[row, column] = image[y, x]
    return result


def slow_cutout(image, draws):
    result = image.copy()
    top, left = (int(d * (SIZE + 1)) - SIZE // 4 for d in draws[5:7])
    for row in range(max(top, 0), min(top + SIZE // 2, SIZE)):
        for column in range(max(left, 0), min(left + SIZE // 2, SIZE)):
            result[row, column] = 0.0
    return result


SLOW = {
    "color": slow_color,
    "translation": slow_translation,
    "cutout": slow_cutout,
}


@pytest.mark.parametrize("kind", image_augment.KINDS)
def test_is_the_slow_twin(kind):
    got = augment(IMAGES, DRAWS, (kind,))
    for result, image, draws in zip(got, IMAGES, DRAWS, strict=True):
        np.testing.assert_allclose(result, SLOW[kind](image, draws), atol=1e-5)


def test_colour_comes_first_and_zeros_stay_zeros():
    kinds = ("cutout", "color", "translation")
    got = augment(IMAGES, DRAWS, kinds)
    for result, image, draws in zip(got, IMAGES, DRAWS, strict=True):
        for kind in image_augment.KINDS:
            image = SLOW[kind](image, draws)
        np.testing.assert_allclose(result, image, atol=1e-5)


def test_nothing_is_the_image_itself():
    assert augment(IMAGES, DRAWS, ()) is IMAGES


def test_a_probability_leaves_the_others_alone():
    got = augment(IMAGES, DRAWS, ("color",), tf.constant(0.5))
    chosen = DRAWS[:, -1] < 0.5
    assert 0 < chosen.sum() < len(chosen)
    every = augment(IMAGES, DRAWS, ("color",))
    expected = np.where(chosen[:, None, None, None], every, IMAGES)
    np.testing.assert_array_equal(got, expected)
    none = augment(IMAGES, DRAWS, ("color",), tf.constant(0.0))
    np.testing.assert_array_equal(none, IMAGES)


@pytest.mark.parametrize("at", [0.0, np.nextafter(np.float32(1), 0)])
def test_the_ends_of_the_draws(at):
    draws = np.full((1, NUM_DRAWS), at, np.float32)
    ones = np.ones((1, SIZE, SIZE, 1), np.float32)
    shifted = np.array(augment(ones, draws, ("translation",)))[0, ..., 0]
    assert shifted.sum() == (SIZE - 2) ** 2
    covered = np.array(augment(ones, draws, ("cutout",)))[0, ..., 0]
    assert (covered == 0).sum() == (SIZE // 4) ** 2


@pytest.mark.parametrize("kinds", [("translation",), ("cutout",), ("color",)])
def test_gradients_are_the_adjoint(kinds):
    weight = uniform(*IMAGES.shape, seed=2)
    images = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(images)
        value = tf.reduce_sum(augment(images, DRAWS, kinds) * weight)
    gradient = tape.gradient(value, images)
    zero = tf.reduce_sum(augment(tf.zeros_like(images), DRAWS, kinds) * weight)
    np.testing.assert_allclose(
        tf.reduce_sum(gradient * images), value - zero, rtol=1e-3
    )
