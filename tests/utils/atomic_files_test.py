import errno
import hashlib
import os
import stat

import pytest
import tensorflow as tf

from deepi2i_tf.utils import atomic_files
from deepi2i_tf.utils.errors import UserError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_the_place_of_an_old_one(tmp_path):
    path = tmp_path / "new" / "page.html"
    for content in (b"first", b"second"):
        atomic_files.atomic_write(str(path), content)
        assert path.read_bytes() == content
        assert names(path.parent) == ["page.html"]


def test_an_unfinished_file_leaves_the_old_one(tmp_path):
    path = tmp_path / "page.html"
    atomic_files.atomic_write(path, b"first")
    with pytest.raises(KeyboardInterrupt):
        with atomic_files.atomic_file(path) as beside:
            beside.write_bytes(b"sec")
            raise KeyboardInterrupt
    with pytest.raises(TypeError):
        atomic_files.atomic_write(path, "no bytes")
    assert path.read_bytes() == b"first"
    assert names(tmp_path) == ["page.html"]


def test_two_writers_do_not_meet(tmp_path):
    path = tmp_path / "page.html"
    with (
        atomic_files.atomic_file(path) as first,
        atomic_files.atomic_file(path) as second,
    ):
        first.write_bytes(b"first")
        second.write_bytes(b"second")
    assert path.read_bytes() == b"first"  # the last one to end
    assert names(tmp_path) == ["page.html"]


def write_folder(path, name, **options):
    with atomic_files.atomic_directory(path, **options) as beside:
        (beside / name).write_text(name)


def test_a_folder_takes_the_place_of_an_old_one_or_not(tmp_path):
    path = tmp_path / "above" / "model"
    write_folder(path, "first")
    write_folder(path, "second")
    assert names(path) == ["second"]
    write_folder(path, "third", replace=False)
    assert names(path) == ["second"]
    assert names(path.parent) == ["model"]


def test_an_unfinished_folder_leaves_the_old_one(tmp_path):
    path = tmp_path / "model"
    write_folder(path, "first")
    with pytest.raises(ValueError, match="half"):
        with atomic_files.atomic_directory(path) as beside:
            (beside / "second").write_text("")
            raise ValueError("half")
    assert names(path) == ["first"]
    assert names(tmp_path) == ["model"]


def test_a_folder_that_cannot_be_renamed_leaves_the_old_one(
    tmp_path, monkeypatch
):
    path = tmp_path / "model"
    write_folder(path, "first")
    really = os.replace

    def replace(source, target):
        if (source / "second").exists():
            raise OSError("Stale file handle")
        really(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="Stale"):
        write_folder(path, "second")
    assert names(path) == ["first"]
    assert names(tmp_path) == ["model"]


def fail_to_flush(monkeypatch, number, of_folders):
    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) == of_folders:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)


def test_a_disk_that_cannot_flush_folders_serves(tmp_path, monkeypatch):
    fail_to_flush(monkeypatch, errno.EINVAL, of_folders=True)
    atomic_files.atomic_write(tmp_path / "page.html", b"first")
    write_folder(tmp_path / "model", "first")
    assert names(tmp_path) == ["model", "page.html"]


@pytest.mark.parametrize(
    ("number", "of_folders"), [(errno.EINVAL, False), (errno.EIO, True)]
)
def test_a_disk_that_fails_is_told(tmp_path, monkeypatch, number, of_folders):
    fail_to_flush(monkeypatch, number, of_folders)
    with pytest.raises(OSError, match=os.strerror(number)):
        atomic_files.atomic_write(tmp_path / "page.html", b"first")


def test_what_killed_writers_left_is_removed(tmp_path):
    (tmp_path / ".tmp-old-model-1").mkdir()
    (tmp_path / ".tmp-page.html-2").write_text("half")
    (tmp_path / "page.html").write_text("whole")
    atomic_files.remove_unfinished(tmp_path)
    assert names(tmp_path) == ["page.html"]
    atomic_files.remove_unfinished(tmp_path / "missing")


def test_write_json_round_trip_leaves_no_other_file(tmp_path):
    atomic_files.write_json(tmp_path / "a.json", {"step": 3})
    assert atomic_files.read_json(tmp_path / "a.json") == {"step": 3}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_what_is_no_utf_8_is_spelled_out(tmp_path):
    file = tmp_path / "log.txt"
    atomic_files.write_text(file, "猫\n")
    atomic_files.append_line(file, "caf\udce9")
    assert file.read_text(encoding="utf-8") == "猫\ncaf\\udce9\n"
    atomic_files.write_text(file, "caf\udce9")
    assert file.read_bytes() == b"caf\\udce9"


def test_read_json_of_a_missing_file_is_none(tmp_path):
    assert atomic_files.read_json(tmp_path / "a.json") is None


def test_sha256_of_file(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    expected = hashlib.sha256(b"abc").hexdigest()
    assert atomic_files.sha256_of_file(tmp_path / "a") == expected


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        tf.errors.ResourceExhaustedError(None, None, "x; No space left"),
    ],
)
def test_a_full_disk_is_a_refusal(error):
    with pytest.raises(UserError, match="no space left.*Kept."):
        with atomic_files.explain_disk_errors("there", "Kept."):
            raise error


def test_an_unwritable_path_is_a_refusal():
    with pytest.raises(UserError, match="Permission denied"):
        with atomic_files.explain_disk_errors("there", ""):
            raise PermissionError(errno.EACCES, "Permission denied")


def test_other_errors_keep_their_type():
    with pytest.raises(tf.errors.InternalError):
        with atomic_files.explain_disk_errors("there", ""):
            raise tf.errors.InternalError(None, None, "a defect")


def test_a_name_that_just_fits_the_disk_can_be_written(tmp_path):
    for name in ("a" * 255, "猫" * 85):
        atomic_files.atomic_write(tmp_path / name, b"whole")
        assert (tmp_path / name).read_bytes() == b"whole"
