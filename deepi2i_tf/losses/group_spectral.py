"""Group spectral regularisation of conditional batch norms (gSR).

Rangwani et al., arXiv 2208.09932: the gains (and biases) that a class has at a
batch norm, folded to a matrix as square as can be, have a spectral norm, which
the authors find to explode in the classes that collapse. The penalty is

    mean over layers and classes of (smax(gain)^2 + smax(bias)^2).

The authors weigh classes by their numbers of images; here all weigh the same.
"""

from collections.abc import Sequence

import numpy as np
from keras import ops

from deepi2i_tf.utils.backend import upcast
from deepi2i_tf.utils.factors import squarest

# From the same start each time: as many steps as the authors' first.
ITERATIONS = 40
_EPSILON = 1e-12


def group_spectral_penalty(rows: Sequence):
    """The penalty, a scalar.

    Args:
        rows: gains and biases of every layer, (classes, channels) each.
    """
    by_channels: dict[int, list] = {}
    for values in rows:
        by_channels.setdefault(values.shape[-1], []).append(values)
    total, count = 0.0, 0
    for values in by_channels.values():  # As few loops as there are widths.
        folded = fold(upcast(ops.concatenate(values, axis=0)))
        total = total + ops.sum(ops.square(largest_singular_values(folded)))
        count += len(values) * values[0].shape[0]
    return 2.0 * total / count  # Gains and biases: two rows to a layer.


def fold(values):
    """Rows as matrices as square as can be: (batch, m, n), m <= n."""
    return ops.reshape(values, (-1, *squarest(values.shape[-1])))


def largest_singular_values(matrices):
    """Spectral norms by power iteration, with the gradient u^T dM v.

    Args:
        matrices: (batch, rows, columns).

    Returns:
        (batch,).
    """
    constant = ops.stop_gradient(matrices)
    back = ops.transpose(constant, (0, 2, 1))
    start = np.random.default_rng(0).standard_normal((1, constant.shape[2], 1))
    v = ops.ones_like(constant[:, :1, :1]) * ops.cast(start, constant.dtype)

    def iterate(_, v):
        return _unit(ops.matmul(back, _unit(ops.matmul(constant, v))))

    v = ops.stop_gradient(ops.fori_loop(0, ITERATIONS, iterate, v))
    u = ops.stop_gradient(_unit(ops.matmul(constant, v)))
    return ops.sum(u * ops.matmul(matrices, v), axis=(1, 2))


def _unit(x):
    norm = ops.sqrt(ops.sum(ops.square(x), axis=(1, 2), keepdims=True))
    return x / ops.maximum(norm, _EPSILON)
