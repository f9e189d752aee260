"""When TensorFlow begins an operation.

Its graphs begin whatever has its inputs. What needs only weights, such as a
kernel in half precision, is ready at a step's start, and would be made for
every layer at once and kept until its turn. JAX's compiler orders by itself.
"""

import contextlib

import keras

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


def after(tensor) -> contextlib.AbstractContextManager:
    """A context whose operations begin when a tensor is there.

    Args:
        tensor: what the layer waits for.

    Returns:
        The context; on backends other than TensorFlow it does nothing.
    """
    if keras.backend.backend() != "tensorflow":
        return contextlib.nullcontext()
    return tf.control_dependencies([tensor])
