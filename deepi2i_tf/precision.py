"""Where half precision does not suffice: float32, or wider where that is asked.

Statistics, sums and norms run in float32 under a half-precision policy. Under
the policy float64, in which the networks are held to the recorded numbers,
they are float64 like everything else.
"""

import keras
from keras import ops


def at_least_float32(dtype: str) -> str:
    """Returns `"float64"` for float64 and `"float32"` for narrower types.

    Args:
        dtype: name of a floating-point type.
    """
    return keras.backend.result_type(dtype, "float32")


def widened(tensor):
    """Casts a tensor to `at_least_float32` of its type.

    Args:
        tensor: floating-point, any shape.

    Returns:
        The same numbers.
    """
    dtype = keras.backend.standardize_dtype(tensor.dtype)
    return ops.cast(tensor, at_least_float32(dtype))
