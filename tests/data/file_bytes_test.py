"""Tests of deepi2i_tf/data/file_bytes.py."""

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.data import file_bytes


def test_bytes_are_followed_by_zeros():
    data = file_bytes.padded_bytes(tf.constant(b"a\xff")).numpy()
    assert data[:2].tolist() == [97, 255]
    assert len(data) == 2 + file_bytes.PADDING and not data[2:].any()


def test_has_compares_at_a_place():
    data = file_bytes.padded_bytes(tf.constant(b"RIFF....WEBP"))
    assert file_bytes.has(data, 8, b"WEBP")
    assert file_bytes.has(data, tf.constant(0, tf.int64), b"RIFF")
    assert not file_bytes.has(data, 1, b"RIFF")
    assert not file_bytes.has(data, 8, b"WEBPX")


@pytest.mark.parametrize("length", range(1, 8))
def test_numbers_are_spelled_in_either_order(length):
    random = np.random.default_rng(length)
    digits = random.integers(0, 256, (5, length), dtype=np.uint8)
    for big_endian, order in ((True, "big"), (False, "little")):
        expected = [int.from_bytes(bytes(row), order) for row in digits]
        found = file_bytes.whole_number(tf.constant(digits), big_endian)
        assert found.numpy().tolist() == expected
