"""Tests of deepi2i_tf/torch_files/stored_tensor.py."""

import numpy as np
import pytest

from deepi2i_tf.torch_files.stored_tensor import numbers_of, stored_dtype

NUMBERS = np.array([1.5, -2.0, 0.0078125], np.float32)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int16"])
def test_numbers_come_in_the_machines_order(dtype, order):
    stored = NUMBERS.astype(stored_dtype(dtype, order))
    numbers = numbers_of(stored.tobytes(), dtype, order)
    assert numbers.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(numbers, NUMBERS.astype(dtype))


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_bfloat16_is_the_upper_half_of_a_float32(order):
    halves = (NUMBERS.view(np.uint32) >> 16).astype(f"{order}u2")
    assert stored_dtype("bfloat16", order) == halves.dtype
    numbers = numbers_of(halves.tobytes(), "bfloat16", order)
    assert numbers.dtype == np.float32
    np.testing.assert_array_equal(numbers, NUMBERS)
