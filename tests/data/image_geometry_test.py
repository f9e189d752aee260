import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.data import image_geometry


@pytest.mark.parametrize("size", [(64, 64), (64, 100), (90, 64)])
def test_overshoot_beside_edges_is_clipped(size):
    pixels = np.zeros((*size, 3), np.uint8)
    pixels[:, size[1] // 2 :] = 255
    fitted = image_geometry.fit_square(tf.constant(pixels), 48).numpy()
    assert fitted.dtype == np.float32 and fitted.shape == (48, 48, 3)
    assert fitted[:, :16].max() == 0 and fitted[:, -16:].min() == 255
    np.testing.assert_array_equal(fitted, np.round(fitted))


def test_to_signed_inverts_the_house_rule():
    pixels = np.arange(256, dtype=np.uint8)
    signed = image_geometry.to_signed(pixels)
    assert signed.dtype == tf.float32
    assert (signed[0], signed[255]) == (-1.0, 1.0)
    np.testing.assert_array_equal(np.round((signed + 1) * 127.5), pixels)
    # One rounding more than the quotient has.
    np.testing.assert_allclose(
        signed, pixels / np.float32(127.5) - 1, atol=2.4e-7
    )
