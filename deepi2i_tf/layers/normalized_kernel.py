"""W / sigma and x W / sigma, with their gradient written out.

With u and v constants and sigma = v W u^T, a loss whose gradient by W / sigma
is K has

    grad W = K / sigma - (<K, W / sigma> / sigma) v^T u.

Left to automatic differentiation this takes nine passes over arrays of W's
size, most of them into memory of their own; a wide network's kernels are
larger than its maps. `quotient` takes three passes and keeps no W / sigma for
them, since <K, W / sigma> = <K, W> / sigma. `product` takes none: it never
makes W / sigma, since y = x W / sigma gives

    <K, W / sigma> = <dL/dy, y>,
    grad W = x^T dL/dy / sigma - (<dL/dy, y> / sigma) v^T u,

which is one matrix product of x^T and dL/dy / sigma with v and -u times that
factor as one more row. Both can be differentiated again.
"""

from typing import NamedTuple

from keras import ops

from deepi2i_tf.utils.backend import custom_gradient, run_after, upcast


class Iteration(NamedTuple):
    """One power iteration on W seen as (everything else, outputs).

    Args:
        v: constant unit vector, float32 (1, everything else).
        u: constant unit vector, float32 (1, outputs).
        sigma: v W u^T, float32 scalar, differentiable by W.
    """

    v: object
    u: object
    sigma: object


def quotient(weight, iteration: Iteration, outputs_first: bool = False):
    """W / sigma, in the weight's shape and type.

    Outputs are the weight's last axis, or with `outputs_first` the first of
    two.
    """

    @custom_gradient
    def divide(weight, v, u, sigma):
        def gradient(upstream):
            share = ops.sum(upstream * weight) / sigma
            outer = _outer(v, share * u, weight.shape, outputs_first)
            return (upstream - outer) / sigma, None, None, None

        return weight / sigma, gradient

    return divide(weight, *iteration)


def product(rows, weight, iteration: Iteration):
    """The product x W / sigma, (rows, outputs), in the type of x.

    `rows` is x, (rows, everything else); outputs are the weight's last axis.
    """
    kind = rows.dtype

    @custom_gradient
    def multiply(rows, weight, v, u, sigma):
        matrix = ops.reshape(weight, (-1, weight.shape[-1]))
        narrow = ops.cast(matrix, kind)
        # Divided where numbers are few; in float32, or sigma would be rounded.
        outputs = ops.cast(upcast(ops.matmul(rows, narrow)) / sigma, kind)

        def gradient(upstream):
            share = ops.sum(upcast(upstream) * upcast(outputs)) / sigma
            divided = ops.cast(upcast(upstream) / sigma, kind)
            by_matrix = _with_outer(rows, divided, v, -share * u)
            # Narrowed anew: kept, all networks' copies would be there at once.
            with run_after(divided):
                narrow = ops.cast(matrix, kind)
            by_rows = ops.matmul(divided, ops.transpose(narrow))
            by_weight = ops.cast(by_matrix, weight.dtype)
            by_weight = ops.reshape(by_weight, weight.shape)
            return by_rows, by_weight, None, None, None

        return outputs, gradient

    return multiply(rows, weight, *iteration)


def _with_outer(rows, upstream, v, u):
    """x^T dL/dy + v^T u, in the type of x."""
    # v's entries shrink with its length; in float16 both rows have to stay in
    # range.
    balance = v.shape[-1] ** 0.5
    left = ops.concatenate([rows, ops.cast(balance * v, rows.dtype)])
    right = ops.concatenate([upstream, ops.cast(u / balance, rows.dtype)])
    return ops.matmul(ops.transpose(left), right)


def _outer(v, u, shape: tuple, outputs_first: bool):
    """v^T u in the weight's shape."""
    if outputs_first:
        return ops.transpose(u) * v
    return ops.reshape(v, (*shape[:-1], 1)) * ops.reshape(u, (-1,))
