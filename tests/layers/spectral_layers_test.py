import keras
import numpy as np
import pytest

from deepi2i_tf.layers import SpectralConv, SpectralDense, SpectralEmbedding
from deepi2i_tf.layers.conv import Conv, UpConv
from deepi2i_tf.layers.spectral_layers import SpectralUpConv


def normal(*shape, seed=0):
    draw = np.random.default_rng(seed).standard_normal(shape)
    return draw.astype(np.float32)


def test_dense_by_hand():
    layer = SpectralDense(2)
    layer.build((None, 2))
    layer.raw_weight.assign([[4.0, 0.0], [0.0, 2.0]])
    layer.u.assign([[1.0, 0.0]])
    layer.bias.assign([0.0, 10.0])
    outputs = layer(np.array([[3.0, 8.0]]), training=True)
    np.testing.assert_allclose(outputs, [[3.0, 14.0]])


def test_an_embedding_has_an_entry_of_u_per_class():
    layer = SpectralEmbedding(7, 3)
    rows = layer(np.array([4, 1, 4]), training=True)
    table = layer.raw_weight.numpy()
    assert layer.u.shape == (1, 7)
    for _ in range(60):
        rows = layer(np.array([4, 1, 4]), training=True)
    expected = table[[4, 1, 4]] / np.linalg.svd(table, compute_uv=False)[0]
    np.testing.assert_allclose(rows, expected, rtol=1e-4)


def test_a_convolution_with_a_bias_by_hand():
    layer = SpectralConv(2, 1)
    layer.build((None, 1, 1, 2))
    layer.raw_weight.assign(np.diag([4.0, 2.0])[None, None])
    layer.u.assign([[1.0, 0.0]])
    layer.bias.assign([0.0, 10.0])
    outputs = layer(np.array([[[[3.0, 8.0]]]]), training=True)
    np.testing.assert_allclose(outputs, [[[[3.0, 14.0]]]])


@pytest.mark.parametrize("strides, padding", [(2, "zeros"), (1, "reflect")])
def test_strides_and_padding_are_those_of_the_plain_layer(strides, padding):
    x = normal(2, 8, 8, 3)
    side = 4 if strides == 2 else 3
    layer = SpectralConv(5, side, False, strides, padding)
    plain = Conv(5, side, strides, padding, use_bias=False)
    layer.build(x.shape)
    plain.build(x.shape)
    # The inference's iteration of the stored u; no second one.
    plain.kernel.assign(layer.normalized_weight())
    np.testing.assert_allclose(layer(x), plain(x), atol=1e-5)
    assert layer.compute_output_shape(x.shape) == plain(x).shape
    again = SpectralConv.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_up_has_an_entry_of_u_per_filter():
    x, layer, plain = normal(2, 4, 4, 3), SpectralUpConv(5), UpConv(5)
    layer.build(x.shape)
    plain.build(x.shape)
    assert layer.u.shape == (1, 5)
    for _ in range(60):
        layer(x, training=True)
    matrix = layer.raw_weight.numpy().reshape(-1, 5)
    sigma = np.linalg.svd(matrix, compute_uv=False)[0]
    kernel = layer.raw_weight.numpy().transpose(0, 1, 3, 2) / sigma
    plain.kernel.assign(kernel)
    np.testing.assert_allclose(layer(x), plain(x), atol=1e-4)
    assert layer.compute_output_shape(x.shape) == plain(x).shape


# Keras itself, while it writes.
@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_saved_and_loaded_with_its_state(tmp_path):
    layers = [SpectralConv(4), keras.layers.Flatten(), SpectralDense(2)]
    model = keras.Sequential([keras.Input((4, 4, 3)), *layers])
    inputs = normal(2, 4, 4, 3)
    model(inputs, training=True)
    model.save(tmp_path / "model.keras")
    kinds = {c.__name__: c for c in (SpectralConv, SpectralDense)}
    again = keras.models.load_model(tmp_path / "model.keras", kinds)
    np.testing.assert_array_equal(again(inputs), model(inputs))
    np.testing.assert_array_equal(again.layers[0].u, layers[0].u)


def test_an_embedding_can_be_made_again_from_its_config():
    layer = SpectralEmbedding(7, 3, epsilon=1e-3)
    config = SpectralEmbedding.from_config(layer.get_config()).get_config()
    assert config == layer.get_config()
