"""The pixels that a convolution reads, side by side.

A convolution is a product of this matrix with its kernel. That is the faster
way where the kernel outweighs the map, as at the 4x4 and 8x8 of a wide
network: a convolution first turns such a kernel into its own layout, every
time.
"""

from keras import ops

from deepi2i_tf.utils.backend import custom_gradient


def patches(maps, side: int):
    """For each pixel the `side` x `side` pixels around it, zeros outside.

    `side` is odd.

    Returns:
        (batch x height x width, side x side x channels), in the order of a
        kernel (side, side, channels, filters).
    """
    _, height, width, channels = maps.shape
    rows = (-1, side * side * channels)
    if side == 1:
        return ops.reshape(maps, rows)

    @custom_gradient
    def gather(maps):
        padded = ops.pad(maps, _margins(side // 2, side // 2))
        shifted = [
            padded[:, y : y + height, x : x + width] for y, x in _places(side)
        ]

        def gradient(upstream):
            return _scatter(upstream, side, maps.shape)

        return ops.reshape(ops.concatenate(shifted, axis=-1), rows), gradient

    return gather(maps)


def strided_patches(maps, side: int, strides: int):
    """For each window of a convolution with zero padding, its pixels.

    The windows begin (side - 1) // 2 pixels outside and are `strides` apart;
    height, width and side are multiples of it.

    Returns:
        (batch x rows x columns of windows, side x side x channels), in the
        order of a kernel (side, side, channels, filters).
    """
    _, height, width, channels = maps.shape
    before = (side - 1) // 2
    border = (before, side - strides - before)
    padded = ops.pad(maps, ((0, 0), border, border, (0, 0)))
    rows, columns, blocks = height // strides, width // strides, side // strides
    # In blocks of `strides` pixels slices have no steps, which are slow.
    cells = (columns + blocks - 1, strides * channels)
    split = ops.reshape(padded, (-1, rows + blocks - 1, strides, *cells))
    tall = [split[:, i : i + rows] for i in range(blocks)]
    tall = ops.reshape(ops.stack(tall, axis=2), (-1, rows, side, *cells))
    wide = [tall[:, :, :, i : i + columns] for i in range(blocks)]
    windows = ops.transpose(ops.stack(wide, axis=4), (0, 1, 3, 2, 4, 5))
    return ops.reshape(windows, (-1, side * side * channels))


def _scatter(rows, side: int, shape: tuple):
    """Adds every patch's pixels to where they were read.

    Slices of the gradient itself would each be padded to the size of all of
    them.
    """
    _, height, width, channels = shape
    split = ops.reshape(rows, (-1, height, width, side * side, channels))
    total, margin = 0.0, side // 2
    for index, (y, x) in enumerate(_places(side)):
        piece = split[:, :, :, index]
        before, after = (y, side - 1 - y), (x, side - 1 - x)
        total = total + ops.pad(piece, ((0, 0), before, after, (0, 0)))
    return total[:, margin : margin + height, margin : margin + width]


def _margins(rows: int, columns: int) -> tuple:
    return ((0, 0), (rows, rows), (columns, columns), (0, 0))


def _places(side: int) -> list[tuple[int, int]]:
    return [(y, x) for y in range(side) for x in range(side)]
