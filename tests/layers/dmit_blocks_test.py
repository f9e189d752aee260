import numpy as np
import pytest

from deepi2i_tf.layers.dmit_blocks import (
    CentralBlock,
    DownBlock,
    InstanceBlock,
    half_size,
)


def normal(*shape, seed=0):
    draw = np.random.default_rng(seed).standard_normal(shape)
    return draw.astype(np.float32)


def test_half_size_by_hand():
    images = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    # Windows begin at -1 and 1; the border does not count.
    expected = [
        [images[0, :2, :2].mean(), images[0, :2, 1:4].mean()],
        [images[0, 1:4, :2].mean(), images[0, 1:4, 1:4].mean()],
    ]
    np.testing.assert_allclose(half_size(images)[0, ..., 0], expected)


@pytest.mark.parametrize("conditional", [True, False])
def test_a_down_block_halves_and_its_state_moves_in_training_alone(conditional):
    block, inputs = DownBlock(6), [normal(2, 8, 8, 4)]
    if conditional:
        inputs.append(normal(2, 3, seed=1))
    block.build(*(each.shape for each in inputs))
    outputs = block(*inputs)
    assert outputs.shape == block.compute_output_shape((2, 8, 8, 4))
    # Kernels of 3 x 3, 3 x 3 and 1 x 1, the shortcut's bias; two dense layers.
    count = 9 * 4 * 4 + 9 * 4 * 6 + 4 * 6 + 6 + conditional * 2 * (3 * 4 + 4)
    assert block.count_params() == count + sum(
        np.prod(weight.shape, dtype=int)
        for weight in block.non_trainable_weights
    )
    u = block.shortcut.u.numpy()
    block(*inputs, training=True)
    assert not np.array_equal(block.shortcut.u, u)
    if conditional:
        other = block(inputs[0], inputs[1][::-1])
        assert not np.allclose(other, block(*inputs), atol=1e-3)


def test_residual_blocks_keep_the_shape():
    x, condition = normal(2, 4, 4, 3), normal(2, 5, seed=1)
    for block, inputs in (
        (InstanceBlock(), [x]),
        (CentralBlock(), [x, condition]),
    ):
        block.build(*(each.shape for each in inputs))
        assert block(*inputs, training=True).shape == x.shape
