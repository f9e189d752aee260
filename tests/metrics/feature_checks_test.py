import numpy as np
import pytest

from deepi2i_tf.metrics.feature_checks import checked_features
from deepi2i_tf.utils.errors import UserError


def test_good_features_pass_as_float64():
    features = np.ones((2, 3), np.float32)
    checked = checked_features(features, 2, 3)
    assert checked.dtype == np.float64
    np.testing.assert_array_equal(checked, features)


@pytest.mark.parametrize("shape", [(4,), (2, 3, 4), (2, 4)])
def test_other_shapes_are_refused_with_what_came(shape):
    with pytest.raises(
        UserError, match=r"\(images, 3\).*Received: \("
    ) as error:
        checked_features(np.ones(shape), 2, 3)
    assert str(shape) in str(error.value)


def test_too_few_images_are_refused():
    with pytest.raises(UserError, match="at least 2 images. Received: 1"):
        checked_features(np.ones((1, 3)), 2)


def test_numbers_that_are_not_finite_are_refused():
    features = np.ones((3, 2))
    features[0, 1] = np.nan
    features[2] = np.inf
    with pytest.raises(UserError, match="2 of 3 images with NaN or infinity"):
        checked_features(features, 2)
