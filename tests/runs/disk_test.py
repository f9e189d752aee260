import errno
import hashlib

import pytest
import tensorflow as tf

from deepi2i_tf.runs import disk
from deepi2i_tf.utils.errors import UserError


def test_write_json_round_trip_leaves_no_other_file(tmp_path):
    disk.write_json(tmp_path / "a.json", {"step": 3})
    assert disk.read_json(tmp_path / "a.json") == {"step": 3}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_finished_folder_takes_the_place_of_an_old_one(tmp_path):
    final = tmp_path / "run"
    for text in ("first", "second"):
        with disk.atomic_directory(final, "") as folder:
            (folder / f"{text}.txt").write_text(text)
        assert [path.name for path in final.iterdir()] == [f"{text}.txt"]
        assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_an_unfinished_folder_leaves_the_old_one(tmp_path):
    final = tmp_path / "run"
    with disk.atomic_directory(final, "") as folder:
        (folder / "old.txt").write_text("old")
    with pytest.raises(UserError, match="Nothing was lost. Free"):
        with disk.atomic_directory(final, "Nothing was lost.") as folder:
            (folder / "new.txt").write_text("new")
            raise OSError(errno.ENOSPC, "No space left on device")
    assert [path.name for path in final.iterdir()] == ["old.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_read_json_of_a_missing_file_is_none(tmp_path):
    assert disk.read_json(tmp_path / "a.json") is None


def test_sha256_of_file(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    expected = hashlib.sha256(b"abc").hexdigest()
    assert disk.sha256_of_file(tmp_path / "a") == expected


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        tf.errors.ResourceExhaustedError(None, None, "x; No space left"),
    ],
)
def test_a_full_disk_is_a_refusal(error):
    with pytest.raises(UserError, match="no space left.*Kept."):
        with disk.refusing_bad_disk("there", "Kept."):
            raise error


def test_an_unwritable_path_is_a_refusal():
    with pytest.raises(UserError, match="Permission denied"):
        with disk.refusing_bad_disk("there", ""):
            raise PermissionError(errno.EACCES, "Permission denied")


def test_other_errors_keep_their_type():
    with pytest.raises(tf.errors.InternalError):
        with disk.refusing_bad_disk("there", ""):
            raise tf.errors.InternalError(None, None, "a defect")
