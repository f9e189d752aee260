import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.layers import conv
from deepi2i_tf.layers.conv import (
    Conv,
    UpConv,
    build_in_turn,
    convolve,
    reflected,
)

ONES = np.ones((3, 3, 1, 1), np.float32)
# 0 to 3, in two rows of two.
MAP = np.arange(4, dtype=np.float32).reshape(1, 2, 2, 1)


def normal(*shape, seed=0):
    draw = np.random.default_rng(seed).standard_normal(shape)
    return draw.astype(np.float32)


@pytest.mark.parametrize(
    "padding, expected",
    # Reflected: 3 2 3 2 / 1 0 1 0 / 3 2 3 2 / 1 0 1 0, of which 3 x 3 each.
    [("zeros", [6, 6, 6, 6]), ("reflect", [18, 15, 12, 9])],
)
def test_padding_by_hand(padding, expected):
    outputs = convolve(MAP, ONES, padding=padding)
    np.testing.assert_array_equal(np.ravel(outputs), expected)


@pytest.mark.parametrize("padding", ["zeros", "reflect"])
@pytest.mark.parametrize("side, strides", [(7, 1), (4, 2), (3, 1), (1, 1)])
def test_padding_is_half_the_kernel_on_both_sides(padding, side, strides):
    x, kernel = normal(2, 8, 8, 3), normal(side, side, 3, 5, seed=1)
    margin = (side - 1) // 2
    mode = {"zeros": "constant", "reflect": "reflect"}[padding]
    sides = ((0, 0), (margin, margin), (margin, margin), (0, 0))
    by_hand = convolve(np.pad(x, sides, mode), kernel, strides, "valid")
    outputs = convolve(x, kernel, strides, padding)
    np.testing.assert_allclose(outputs, by_hand, atol=1e-4)
    layer = Conv(5, side, strides, padding)
    assert layer.compute_output_shape(x.shape) == outputs.shape
    assert layer(x).shape == outputs.shape


@pytest.mark.parametrize("height, width, margin", [(2, 5, 1), (8, 4, 3)])
def test_a_reflected_border_and_its_gradient_are_tensorflows(
    height, width, margin
):
    border = [[0, 0], [margin, margin], [margin, margin], [0, 0]]
    maps = tf.constant(normal(2, height, width, 3))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(maps)
        ours = reflected(maps, margin)
        theirs = tf.pad(maps, border, "REFLECT")
        upstream = normal(*theirs.shape, seed=1)
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(
        tape.gradient(ours, maps, upstream),
        tape.gradient(theirs, maps, upstream),
        atol=1e-5,
    )


@pytest.mark.parametrize("size", [4, 8])
def test_as_a_product_it_has_the_gradients_of_the_convolution(
    monkeypatch, size
):
    """Of its outputs, and those of its gradient, as a penalty takes them."""
    x, weights = normal(2, size, size, 3), normal(4, 4, 3, 5, seed=1)

    def results():
        maps, kernel = tf.constant(x), tf.constant(weights)
        with tf.GradientTape() as outer:
            outer.watch([maps, kernel])
            with tf.GradientTape() as inner:
                inner.watch(maps)
                outputs = convolve(maps, kernel, strides=2)
                score = tf.reduce_sum(outputs**3)
            by_maps = inner.gradient(score, maps)
            penalty = tf.reduce_sum(by_maps**2)
        return [outputs, by_maps, *outer.gradient(penalty, [maps, kernel])]

    products = results()
    monkeypatch.setattr(conv, "PRODUCT_UP_TO", 0)
    for product, expected in zip(products, results(), strict=True):
        scale = np.abs(expected).max()
        np.testing.assert_allclose(product, expected, atol=1e-5 * scale)


def test_up_is_what_pytorch_does_with_padding_1():
    layer = UpConv(1)
    layer.build((None, 2, 2, 1))
    kernel = np.arange(16, dtype=np.float32).reshape(4, 4, 1, 1)
    layer.kernel.assign(kernel)
    # Pixel (i, j) adds its kernel at (2 i - 1, 2 j - 1).
    canvas = np.zeros((6, 6))
    for i in range(2):
        for j in range(2):
            canvas[2 * i : 2 * i + 4, 2 * j : 2 * j + 4] += (
                MAP[0, i, j, 0] * kernel[..., 0, 0]
            )
    np.testing.assert_array_equal(layer(MAP)[0, ..., 0], canvas[1:-1, 1:-1])


def test_layers_are_built_on_what_comes_before():
    chain = [Conv(4, 4, 2, name="down"), UpConv(2, name="up")]
    chain.append(Conv(3, 4, padding="valid", use_bias=False, name="last"))
    assert build_in_turn(chain, (None, 8, 8, 3)) == (None, 5, 5, 3)
    assert chain[1].kernel.shape == (4, 4, 2, 4)
    x = normal(1, 8, 8, 3)
    for layer in chain:
        x = layer(x)
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()
    assert x.shape == (1, 5, 5, 3)
