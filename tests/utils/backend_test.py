import numpy as np
import pytest
from keras import ops

from deepi2i_tf.utils import backend


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
    assert backend.accumulation_dtype(given) == wide
    tensor = ops.convert_to_tensor(np.array([1.5, -2.0]), dtype=given)
    upcast = backend.upcast(tensor)
    assert upcast.dtype == wide
    np.testing.assert_array_equal(upcast, [1.5, -2.0])
