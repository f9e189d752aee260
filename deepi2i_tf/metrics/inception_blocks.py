"""The convolutions of the FID Inception network, as one table.

The network is Inception v3 (arXiv 1512.00567) as TensorFlow published it in
`inception-2015-12-05`. It is not `keras.applications.InceptionV3`: widths and
kernels are the same, its weights, its pools and its 1008 classes are not.

Every convolution has two names. `name` is that of the PyTorch form of the
weights (pytorch-fid, torch-fidelity) and of our layers; `graph_name` is that
of the frozen graph. Both follow from the place in the table: `tower`,
`tower_1`, `tower_2` count the branches of a block that have more than one
operation, `conv`, `conv_1` the convolutions in a row.
"""

from typing import NamedTuple

# Filters, kernel height, kernel width.
Step = tuple[int, int, int]


class Convolution(NamedTuple):
    """A convolution, batch normalisation (epsilon 1e-3) and ReLU.

    Attributes:
        name: name in PyTorch and of our layer.
        graph_name: name in the frozen graph.
        kernel: shape (height, width, input channels, filters).
        stride: 1 or 2.
        padding: "same" or "valid".
    """

    name: str
    graph_name: str
    kernel: tuple[int, int, int, int]
    stride: int = 1
    padding: str = "same"


class Path(NamedTuple):
    """One way through a block, from its input to the concatenation.

    Attributes:
        pool: "average" or "max" in front of the row, or "".
        stride: of the pool.
        row: convolutions in a row.
        fork: convolutions behind the row, side by side.
    """

    pool: str
    stride: int
    row: tuple[Convolution, ...]
    fork: tuple[Convolution, ...]


class Block(NamedTuple):
    """Paths side by side; their outputs are concatenated in this order.

    Attributes:
        name: name in PyTorch and of our layer.
        paths: the paths.
    """

    name: str
    paths: tuple[Path, ...]


class _Branch(NamedTuple):
    """A path as the table writes it: without names and input channels."""

    name: str
    row: tuple[Step, ...]
    fork: tuple[Step, ...] = ()
    pool: str = ""
    # Of the pool, or where there is none of the row's last convolution; 2
    # goes without padding, 1 with padding to the same size.
    stride: int = 1


STEM = (
    Convolution("Conv2d_1a_3x3", "conv", (3, 3, 3, 32), 2, "valid"),
    Convolution("Conv2d_2a_3x3", "conv_1", (3, 3, 32, 32), 1, "valid"),
    Convolution("Conv2d_2b_3x3", "conv_2", (3, 3, 32, 64)),
    Convolution("Conv2d_3b_1x1", "conv_3", (1, 1, 64, 80)),
    Convolution("Conv2d_4a_3x3", "conv_4", (3, 3, 80, 192), 1, "valid"),
)
# A maximum over 3x3 with stride 2 follows these.
POOLED_STEM = ("Conv2d_2b_3x3", "Conv2d_4a_3x3")


def _maps_of_35(pool_filters: int) -> tuple[_Branch, ...]:
    return (
        _Branch("branch1x1", ((64, 1, 1),)),
        _Branch("branch5x5", ((48, 1, 1), (64, 5, 5))),
        _Branch("branch3x3dbl", ((64, 1, 1), (96, 3, 3), (96, 3, 3))),
        _Branch("branch_pool", ((pool_filters, 1, 1),), pool="average"),
    )


def _maps_of_17(width: int) -> tuple[_Branch, ...]:
    return (
        _Branch("branch1x1", ((192, 1, 1),)),
        _Branch("branch7x7", ((width, 1, 1), (width, 1, 7), (192, 7, 1))),
        _Branch(
            "branch7x7dbl",
            (
                (width, 1, 1),
                (width, 7, 1),
                (width, 1, 7),
                (width, 7, 1),
                (192, 1, 7),
            ),
        ),
        _Branch("branch_pool", ((192, 1, 1),), pool="average"),
    )


def _maps_of_8(pool: str) -> tuple[_Branch, ...]:
    fork = ((384, 1, 3), (384, 3, 1))
    return (
        _Branch("branch1x1", ((320, 1, 1),)),
        _Branch("branch3x3", ((384, 1, 1),), fork),
        _Branch("branch3x3dbl", ((448, 1, 1), (384, 3, 3)), fork),
        _Branch("branch_pool", ((192, 1, 1),), pool=pool),
    )


_FROM_35_TO_17 = (
    _Branch("branch3x3", ((384, 3, 3),), stride=2),
    _Branch("branch3x3dbl", ((64, 1, 1), (96, 3, 3), (96, 3, 3)), stride=2),
    _Branch("pool", (), pool="max", stride=2),
)
_FROM_17_TO_8 = (
    _Branch("branch3x3", ((192, 1, 1), (320, 3, 3)), stride=2),
    _Branch(
        "branch7x7x3",
        ((192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3)),
        stride=2,
    ),
    _Branch("pool", (), pool="max", stride=2),
)

_TABLE = (
    ("Mixed_5b", _maps_of_35(32)),
    ("Mixed_5c", _maps_of_35(64)),
    ("Mixed_5d", _maps_of_35(64)),
    ("Mixed_6a", _FROM_35_TO_17),
    ("Mixed_6b", _maps_of_17(128)),
    ("Mixed_6c", _maps_of_17(160)),
    ("Mixed_6d", _maps_of_17(160)),
    ("Mixed_6e", _maps_of_17(192)),
    ("Mixed_7a", _FROM_17_TO_8),
    ("Mixed_7b", _maps_of_8("average")),
    # The published graph pools the maximum here, the paper the average.
    ("Mixed_7c", _maps_of_8("max")),
)


def _path(
    branch: _Branch, block: str, tower: str, channels: int
) -> tuple[Path, int]:
    """The branch with its names, and the number of its output channels."""
    row, fork = [], []
    alone = len(branch.row) == 1 and not branch.fork
    for i, (filters, height, width) in enumerate(branch.row):
        ends = not branch.pool and i == len(branch.row) - 1
        row.append(
            Convolution(
                f"{block}.{branch.name}" + ("" if alone else f"_{i + 1}"),
                tower + _numbered("conv", i),
                (height, width, channels, filters),
                branch.stride if ends else 1,
                "valid" if ends and branch.stride == 2 else "same",
            )
        )
        channels = filters
    for i, (filters, height, width) in enumerate(branch.fork):
        fork.append(
            Convolution(
                f"{block}.{branch.name}_{len(row) + 1}{'ab'[i]}",
                f"{tower}mixed/" + _numbered("conv", i),
                (height, width, channels, filters),
            )
        )
    outputs = sum(each.kernel[-1] for each in fork) or channels
    path = Path(branch.pool, branch.stride, tuple(row), tuple(fork))
    return path, outputs


def _numbered(name: str, i: int) -> str:
    return f"{name}_{i}" if i else name


def _blocks() -> tuple[Block, ...]:
    blocks = []
    channels = STEM[-1].kernel[-1]
    for i, (name, branches) in enumerate(_TABLE):
        paths, outputs, towers = [], 0, 0
        for branch in branches:
            prefix = _numbered("mixed", i) + "/"
            if branch.pool or branch.fork or len(branch.row) > 1:
                prefix += _numbered("tower", towers) + "/"
                towers += 1
            path, width = _path(branch, name, prefix, channels)
            paths.append(path)
            outputs += width
        blocks.append(Block(name, tuple(paths)))
        channels = outputs
    return tuple(blocks)


BLOCKS = _blocks()
CONVOLUTIONS = STEM + tuple(
    convolution
    for block in BLOCKS
    for path in block.paths
    for convolution in path.row + path.fork
)
