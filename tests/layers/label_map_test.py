import numpy as np

from deepi2i_tf.layers.conv import convolve
from deepi2i_tf.layers.label_map import LabelledConv, reach

SIDE, CLASSES, FILTERS, R = 7, 4, 5, 9


def normal(*shape, seed=0):
    draw = np.random.default_rng(seed).standard_normal(shape)
    return draw.astype(np.float32)


def layer():
    made = LabelledConv(FILTERS, CLASSES)
    made.build((None, R, R, 3))
    made.table.assign(normal(*made.table.shape, seed=1))
    return made


def with_planes(conv, images, rows):
    """The slow twin: planes joined to the image, and one kernel for both."""
    planes = np.ones((1, R, R, 1)) * rows[:, None, None, :]
    table = conv.table.numpy().reshape(CLASSES, SIDE, SIDE, FILTERS)
    kernel = np.concatenate(
        [conv.kernel.numpy(), table.transpose(1, 2, 0, 3)], axis=2
    )
    joined = np.concatenate([images, planes], axis=-1).astype(np.float32)
    return convolve(joined, kernel)


def test_equal_to_the_joined_convolution():
    conv, images = layer(), normal(3, R, R, 3)
    labels = np.array([2, 0, 2], np.int32)
    expected = with_planes(conv, images, np.eye(CLASSES)[labels])
    np.testing.assert_allclose(conv(images, labels=labels), expected, atol=1e-4)
    mixture = np.array([[0.3, 0.0, 0.7, 0.0]] * 3, np.float32)
    np.testing.assert_allclose(
        conv(images, embedding=mixture),
        with_planes(conv, images, mixture),
        atol=1e-4,
    )
    assert conv.fan_in == SIDE * SIDE * (3 + CLASSES)
    again = LabelledConv.from_config(conv.get_config())
    assert again.get_config() == conv.get_config()


def test_a_class_is_one_number_per_channel_away_from_the_border():
    conv = layer()
    label_map = np.asarray(conv.label_map(conv.table.numpy()[:1]))
    inside = label_map[0, 3:-3, 3:-3]
    np.testing.assert_allclose(inside, inside[:1, :1] + 0 * inside, atol=1e-5)
    assert np.abs(label_map[0, 0, 0] - inside[0, 0]).max() > 0.1


def test_reach_by_hand():
    np.testing.assert_array_equal(reach(2, 3), [[0, 1, 1], [1, 1, 0]])
