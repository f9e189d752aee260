"""Similarity transforms of images, and distances that bear with them.

A transform T mirrors (or not), turns, scales and shifts about the middle:

    T p = c + t + s R(turn) M (p - c),    M = diag(mirror, 1)

Warping is for constants only: TensorFlow's gradient of an image's projective
transform is no adjoint (tests/losses/geometry_test.py measures it), so every
loss here stops the gradient in front of a warp.
"""

import dataclasses

from keras import ops

SCALES = (1, 2, 4)
# Pixels of a warp that the source covers less than this are not compared.
_COVERED = 0.99


@dataclasses.dataclass(frozen=True)
class Similarity:
    """Transforms; every value is float32, all of one shape (...,).

    Args:
        turn: radians, clockwise on the screen.
        log_scale: natural logarithm of the factor of size.
        shift_x: to the right, in pixels.
        shift_y: downwards, in pixels.
        mirror: -1 mirrors left and right before turning, else 1.
    """

    turn: object
    log_scale: object
    shift_x: object
    shift_y: object
    mirror: object

    def matrix(self, size: int):
        """T as (..., 8), from points of its input to points of its result."""
        scale = ops.exp(self.log_scale)
        a = scale * ops.cos(self.turn) * self.mirror
        b = -scale * ops.sin(self.turn)
        c = scale * ops.sin(self.turn) * self.mirror
        d = scale * ops.cos(self.turn)
        return _about_middle(a, b, c, d, self.shift_x, self.shift_y, size)

    def inverse_matrix(self, size: int):
        """The inverse of T as (..., 8)."""
        scale = ops.exp(-self.log_scale)
        a = scale * ops.cos(self.turn) * self.mirror
        b = scale * ops.sin(self.turn) * self.mirror
        c = -scale * ops.sin(self.turn)
        d = scale * ops.cos(self.turn)
        x = -(a * self.shift_x + b * self.shift_y)
        y = -(c * self.shift_x + d * self.shift_y)
        return _about_middle(a, b, c, d, x, y, size)


def warp(images, matrix, fill_mode: str = "nearest"):
    """Reads every pixel of the result from where `matrix` sends it.

    T's result is read through T's inverse: `warp(x, t.inverse_matrix(R))`.

    Args:
        images: float32 (batch, R, R, channels); constants.
        matrix: (batch, 8), of `Similarity`.
        fill_mode: `nearest`, or `constant` for zeros.

    Returns:
        Of the shape of `images`, bilinear.
    """
    return ops.image.affine_transform(
        ops.stop_gradient(images),
        matrix,
        interpolation="bilinear",
        fill_mode=fill_mode,
        data_format="channels_last",
    )


def covered(matrix, size: int):
    """Where a warp shows its source and no filling, (batch, R, R, 1)."""
    ones = ops.ones((matrix.shape[0], size, size, 1))
    inside = warp(ones, matrix, "constant")
    return ops.where(inside < _COVERED, ops.zeros_like(inside), inside)


def pyramid_distance(a, b, weight=None):
    """Mean absolute difference, summed over images pooled by 1, 2 and 4.

    With P_s the s x s mean pooling and V a weight for every pixel:

        sum_s sum |P_s(V a) - P_s(V b)| / (channels sum P_s(V))

    Args:
        a: float32 (batch, R, R, channels).
        b: of the same shape.
        weight: V, (batch, R, R, 1); None for ones.

    Returns:
        (batch,).
    """
    difference = a - b
    if weight is None:
        weight = ops.ones_like(difference[..., :1])
    difference = difference * weight
    total = 0.0
    for scale in SCALES:
        if scale > 1:
            pooled = ops.average_pool(
                difference, scale, scale, data_format="channels_last"
            )
            mass = ops.average_pool(
                weight, scale, scale, data_format="channels_last"
            )
        else:
            pooled, mass = difference, weight
        mass = difference.shape[-1] * ops.sum(mass, axis=(1, 2, 3))
        distance = ops.sum(ops.abs(pooled), axis=(1, 2, 3))
        total = total + distance / ops.maximum(mass, 1.0)
    return total


def warped_distances(images, others, matrices):
    """How far each image is from another one under several warps.

    The warped images are constants (arXiv 1809.05852).

    Args:
        images: float32 (batch, R, R, 3).
        others: of the same shape.
        matrices: (batch, warps, 8).

    Returns:
        d(image, warp of the other), (batch, warps).
    """
    count, size = matrices.shape[1], images.shape[1]
    matrices = ops.reshape(matrices, (-1, 8))
    others = warp(ops.repeat(others, count, axis=0), matrices)
    distances = pyramid_distance(
        ops.repeat(images, count, axis=0), others, covered(matrices, size)
    )
    return ops.reshape(distances, (-1, count))


def contrast(distances, temperature: float):
    """Cross entropy of the first of several distances being the smallest.

    -log(exp(-d_0 / T) / sum_k exp(-d_k / T)): unlike d_0 alone it cannot be
    made small by images that look alike under every warp.

    Args:
        distances: (batch, 1 + wrong ones).
        temperature: T.

    Returns:
        (batch,).
    """
    logits = -distances / temperature
    return ops.logsumexp(logits, axis=-1) - logits[:, 0]


def _about_middle(a, b, c, d, x, y, size: int):
    middle = (size - 1) / 2
    zero = ops.zeros_like(a)
    rows = [
        a, b, x + middle - middle * (a + b),
        c, d, y + middle - middle * (c + d),
        zero, zero,
    ]  # fmt: skip
    return ops.stack(rows, axis=-1)
