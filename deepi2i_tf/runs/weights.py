"""Sums and checks over all weights of a model."""

import hashlib
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

NamedWeights = Sequence[tuple[str, object]]


def weights_sha256(named_weights: NamedWeights) -> str:
    """One sum over every weight, equal for equal bits and only then.

    Args:
        named_weights: pairs (name, variable); the order does not matter.

    Returns:
        SHA-256, hexadecimal, over name, dtype, shape and bytes of each.
    """
    digest = hashlib.sha256()
    for name, variable in sorted(named_weights, key=lambda pair: pair[0]):
        value = np.ascontiguousarray(variable.numpy())
        digest.update(f"{name} {value.dtype} {value.shape}\n".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


def first_non_finite(named_weights: NamedWeights) -> str | None:
    """The name of a weight that holds NaN or infinity, or None.

    Args:
        named_weights: pairs (name, variable) of floating variables.

    Returns:
        The first such name, in the order given.
    """
    for name, variable in named_weights:
        value = tf.convert_to_tensor(variable)
        if value.dtype.is_floating and not bool(
            tf.reduce_all(tf.math.is_finite(value))
        ):
            return name
    return None
