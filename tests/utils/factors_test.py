import pytest

from deepi2i_tf.utils.factors import squarest


@pytest.mark.parametrize(
    "count, shape", [(1, (1, 1)), (7, (1, 7)), (36, (6, 6)), (48, (6, 8))]
)
def test_squarest(count, shape):
    assert squarest(count) == shape
