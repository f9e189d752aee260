import numpy as np
import pytest
from keras import ops

from deepi2i_tf import precision


@pytest.mark.parametrize(
    ("given", "wide"),
    [
        ("bfloat16", "float32"),
        ("float16", "float32"),
        ("float32", "float32"),
        ("float64", "float64"),
    ],
)
def test_nothing_is_narrowed(given, wide):
    assert precision.at_least_float32(given) == wide
    tensor = ops.convert_to_tensor(np.array([1.5, -2.0]), dtype=given)
    widened = precision.widened(tensor)
    assert widened.dtype == wide
    np.testing.assert_array_equal(widened, [1.5, -2.0])
