import numpy as np
import pytest

from deepi2i_tf.evaluation.cache.row_file import RowFile, RowView

ROWS = np.arange(7 * 2 * 3, dtype=np.int32).reshape(7, 2, 3)


@pytest.fixture
def file(tmp_path):
    rows = RowFile(str(tmp_path / "rows"), (2, 3), np.int32)
    rows.append(ROWS[:4])
    rows.append(ROWS[4:])
    return rows


@pytest.mark.parametrize(
    "chosen",
    [
        slice(None),
        slice(2, 5),
        slice(5, 99),
        slice(3, 3),
        np.array([6, 0, 1, 2, 2]),
        np.array([], int),
    ],
)
def test_is_indexed_like_an_array(file, chosen):
    assert file.shape == ROWS.shape and len(file) == 7
    np.testing.assert_array_equal(file[chosen], ROWS[chosen])
    assert file[chosen].dtype == np.int32


def test_rows_stay_until_they_are_cut_off(file, tmp_path):
    again = RowFile(str(tmp_path / "rows"), (2, 3), np.int32)
    again.truncate(99)
    assert len(again) == 7
    again.truncate(2)
    again.append(ROWS[6:])
    np.testing.assert_array_equal(again[:], ROWS[[0, 1, 6]])


def test_a_row_that_was_half_written_does_not_count(file, tmp_path):
    with open(tmp_path / "rows", "ab") as stream:
        stream.write(b"half")
    assert len(file) == 7
    np.testing.assert_array_equal(file[:], ROWS)


def test_single_numbers_are_rows_too(tmp_path):
    numbers = RowFile(str(tmp_path / "numbers"), (), np.int32)
    numbers.append(np.array([5, 6, 7]))
    assert numbers[np.array([2, 0])].tolist() == [7, 5]


def test_a_view_reads_in_its_own_order(file):
    view = RowView(file, np.array([4, 1, 1]))
    assert view.shape == (3, 2, 3)
    np.testing.assert_array_equal(view[1:], ROWS[[1, 1]])
    np.testing.assert_array_equal(view[np.array([0])], ROWS[[4]])
