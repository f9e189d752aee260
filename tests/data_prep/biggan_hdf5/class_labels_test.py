import pathlib

import numpy as np
import pytest

from data_prep.biggan_hdf5.class_labels import class_names_of
from data_prep.biggan_hdf5.hdf5_file import FileContent
from deepi2i_tf.utils.errors import UserError


def content_of(labels):
    return FileContent(pathlib.Path("a.hdf5"), 16, np.array(labels, int), "")


def refusal(labels, names_file=""):
    with pytest.raises(UserError) as refused:
        class_names_of(content_of(labels), str(names_file))
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(("count", "last"), [(2, "001"), (1001, "1000")])
def test_numbers_are_names_that_sort(count, last):
    names = class_names_of(content_of(range(count)), "")
    assert list(names) == sorted(names) == list(names.values())
    assert list(names)[-1] == last and len(names) == count


def test_a_file_names_the_classes(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text(
        "tabby, cat\r\nhusky\r\n\r\nhusky\r\n", encoding="utf-8-sig"
    )
    names = class_names_of(content_of([0, 1, 2, 1]), str(path))
    assert names == {
        "000": "tabby cat",
        "001": "husky (001)",
        "002": "husky (002)",
    }


@pytest.mark.parametrize("count", [1, 3])
def test_another_number_of_names_is_refused(tmp_path, count):
    path = tmp_path / "names.txt"
    path.write_text("name\n" * count)
    assert f"2 classes of a.hdf5 in {path}. Received: {count} names" in refusal(
        [0, 1], path
    )


def test_a_missing_names_file_is_refused(tmp_path):
    assert "No such file" in refusal([0, 1], tmp_path / "names.txt")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([], "at least two classes in a.hdf5. Received: no pictures at all"),
        ([0, 0], "Received: only 0."),
        ([5, 5], "Received: only 5."),
        ([-1, 0, 1], "Received: -1."),
        ([0, 1, 3], "every class from 0 to 3 in a.hdf5. Received: none of 2."),
        ([1, 2, 5], "Received: none of 0, 3, 4."),
        ([0, 9], "none of 1, 2, 3, 4, 5 and 3 more."),
        ([3, 10**12], "none of 0, 1, 2, 4, 5 and 999999999994 more."),
    ],
)
def test_labels_that_are_not_0_1_2_are_refused(labels, message):
    assert message in refusal(labels)
