"""What Keras' backends do differently, and where half precision is too narrow.

Statistics, sums and norms run in float32 under a half-precision policy. Under
the policy float64, in which the networks are held to the recorded numbers,
they are float64 like everything else.
"""

import contextlib
import contextvars
from collections.abc import Callable, Iterator

import keras
from keras import ops

_no_gradients = contextvars.ContextVar("no_gradients", default=False)


@contextlib.contextmanager
def without_gradients() -> Iterator[None]:
    """Graphs that are traced in here are for inference alone.

    A graph names every gradient that was written out for it, and whoever loads
    it is warned of those that were not saved.
    """
    token = _no_gradients.set(True)
    try:
        yield
    finally:
        _no_gradients.reset(token)


@contextlib.contextmanager
def dtype_policy(policy: object) -> Iterator[None]:
    """Layers that are made in here have a policy; the process keeps its own.

    Args:
        policy: a name such as `"mixed_bfloat16"`, or what a layer's
            `get_config` has under `"dtype"`.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(keras.dtype_policies.get(policy))
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def custom_gradient(function: Callable) -> Callable:
    """`keras.ops.custom_gradient`, or the outputs alone `without_gradients`.

    Args:
        function: tensors -> (outputs, gradient function).
    """
    if _no_gradients.get():
        return lambda *tensors: function(*tensors)[0]
    return ops.custom_gradient(function)


def accumulation_dtype(dtype: str) -> str:
    """Returns `"float64"` for float64 and `"float32"` for narrower types."""
    return keras.backend.result_type(dtype, "float32")


def upcast(tensor):
    """Casts a tensor to `accumulation_dtype` of its type.

    Args:
        tensor: floating-point, any shape.

    Returns:
        The same numbers.
    """
    dtype = keras.backend.standardize_dtype(tensor.dtype)
    return ops.cast(tensor, accumulation_dtype(dtype))


if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


def run_after(tensor) -> contextlib.AbstractContextManager:
    """A context whose operations run after a tensor is computed.

    TensorFlow's graphs start whatever has its inputs. What needs only weights,
    such as a kernel in half precision, is ready at a step's start, and would
    be made for every layer at once and kept. JAX's compiler orders by itself.

    Returns:
        The context; on backends other than TensorFlow it does nothing.
    """
    if keras.backend.backend() != "tensorflow":
        return contextlib.nullcontext()
    return tf.control_dependencies([tensor])
