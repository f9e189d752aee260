import pytest
import tensorflow as tf

from deepi2i_tf.utils.prepared_layout import scan_records

SIZES = [(7 * index) % 50 for index in range(130)]
STARTS = [sum(SIZES[:index]) + 16 * index for index in range(130)]


@pytest.fixture
def shard(tmp_path):
    path = tmp_path / "shard"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for size in SIZES:
            writer.write(bytes(size))
    return path


def test_blocks_begin_where_records_do(shard):
    found = [STARTS[0], STARTS[64], STARTS[128]]
    assert scan_records(shard) == (found, 130)
    assert scan_records(shard, 100) == ([STARTS[0], STARTS[100]], 130)


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"\0"])
def test_a_file_that_ends_elsewhere_is_told(shard, change):
    shard.write_bytes(change(shard.read_bytes()))
    assert scan_records(shard)[1] == -1


def test_gives_up_where_there_are_too_many(tmp_path):
    path = tmp_path / "zeros"
    path.write_bytes(bytes(16 * 1000))
    assert scan_records(path) == ([16 * 64 * n for n in range(16)], 1000)
    assert scan_records(path, most=10) == ([0], -1)
