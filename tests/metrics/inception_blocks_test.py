"""The PyTorch names are held against torch-fidelity's network in
inception_test.py; the graph's, against the list that its converter publishes.
"""

from deepi2i_tf.metrics.inception_blocks import BLOCKS, CONVOLUTIONS, STEM

# One of every kind: stem, row, fork, pooled branch, with and without a first
# branch of one convolution.
GRAPH_NAMES = {
    "Conv2d_1a_3x3": "conv",
    "Conv2d_4a_3x3": "conv_4",
    "Mixed_5b.branch1x1": "mixed/conv",
    "Mixed_5b.branch5x5_2": "mixed/tower/conv_1",
    "Mixed_5b.branch3x3dbl_3": "mixed/tower_1/conv_2",
    "Mixed_5b.branch_pool": "mixed/tower_2/conv",
    "Mixed_6a.branch3x3": "mixed_3/conv",
    "Mixed_6a.branch3x3dbl_1": "mixed_3/tower/conv",
    "Mixed_6e.branch7x7dbl_5": "mixed_7/tower_1/conv_4",
    "Mixed_7a.branch3x3_2": "mixed_8/tower/conv_1",
    "Mixed_7a.branch7x7x3_4": "mixed_8/tower_1/conv_3",
    "Mixed_7b.branch3x3_2b": "mixed_9/tower/mixed/conv_1",
    "Mixed_7c.branch3x3dbl_2": "mixed_10/tower_1/conv_1",
    "Mixed_7c.branch3x3dbl_3a": "mixed_10/tower_1/mixed/conv",
    "Mixed_7c.branch_pool": "mixed_10/tower_2/conv",
}


def by_name():
    return {each.name: each for each in CONVOLUTIONS}


def test_names_in_the_frozen_graph():
    rows = by_name()
    assert {name: rows[name].graph_name for name in GRAPH_NAMES} == GRAPH_NAMES


def test_both_names_are_unique():
    assert len(CONVOLUTIONS) == 94
    assert len(by_name()) == 94
    assert len({each.graph_name for each in CONVOLUTIONS}) == 94


def test_channels_connect():
    widths = [STEM[-1].kernel[-1]]
    for block in BLOCKS:
        outputs = 0
        for path in block.paths:
            channels = widths[-1]
            for row in path.row:
                assert row.kernel[2] == channels, row.name
                channels = row.kernel[3]
            assert all(each.kernel[2] == channels for each in path.fork)
            outputs += sum(each.kernel[3] for each in path.fork) or channels
        widths.append(outputs)
    # Table 1 of arXiv 1512.00567, from the last map of 35 on.
    assert widths == [192, 256, 288, 288, *[768] * 5, 1280, 2048, 2048]


def test_where_padding_is_left_out():
    rows = by_name()
    assert rows["Mixed_6a.branch3x3dbl_3"][3:] == (2, "valid")
    assert rows["Mixed_7a.branch7x7x3_4"][3:] == (2, "valid")
    assert rows["Mixed_7a.branch7x7x3_3"][3:] == (1, "same")
    blocks = [
        each.name
        for each in CONVOLUTIONS
        if each.padding == "valid" and each.name.startswith("Mixed")
    ]
    assert len(blocks) == 4
